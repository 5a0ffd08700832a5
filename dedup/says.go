package dedup

// praise are words that judge and name nothing, and what people type to try a
// form: beside stop words they make a text that says nothing.
const (
	englishPraise = ` awesome excellent perfect amazing fantastic wonderful brilliant super superb nicely well done job thx ty tks cheers bravo
 congrats congratulations wow yay yes lol haha hahaha omg hate sucks suck terrible awful horrible bad worst worse trash garbage rubbish crap useless
 happy sad star stars five four three two morning evening test tests testing tested asdf asdfg asdfgh qwerty foo bar hallo hola program product software
 company team guys everyone everything all fine so-so meh bye lorem ipsum far thumbs upvote `
	chinesePraise = ` 好用 很好 真好 太好 非常 非常好 超好 好评 差评 不错 还不错 挺好 真棒 太棒 好棒 点赞 厉害 牛逼 喜欢 爱了 加油 辛苦 感谢 多谢 谢谢 完美 优秀
 给力 五星 满意 垃圾 太烂 太差 难用 不好用 不好 好吧 好的 你们 你们好 团队 测试 试试 测试一下 哈哈 呵呵 嘿嘿 666 继续 继续努力 支持你们 产品 程序 东西 挺好用 
 真的 确实 总体 整体 体验 使用 `
	praiseChars = "好用棒赞牛顶强烂差哈呵嘿嘻哇哦嗯喔哎唉嗨耶真挺超最谢爱试"
)

// Says reports whether a text names anything: whether a word is left without
// those that only ask, judge, thank or greet. What says nothing belongs to no
// theme and makes none.
func (x *Index) Says(title, text string) bool {
	return x.stop.says(tokenise(title, maxTokens)) || x.stop.says(tokenise(text, maxTokens))
}

func (s *stopwords) says(ts []token) bool {
	for i := 0; i < len(ts); {
		if ts[i].word != "" {
			if s.names(ts[i].word) {
				return true
			}
			i++
			continue
		}
		n := run(ts[i:])
		rs := make([]rune, n)
		for k := range rs {
			rs[k] = ts[i+k].char
		}
		if s.namesChars(rs) {
			return true
		}
		i += n
	}
	return false
}

// names reports whether a word names anything.
func (s *stopwords) names(w string) bool {
	if s.english[w] || s.praise[w] {
		return false
	}
	letters, distinct := 0, map[rune]bool{}
	for _, r := range w {
		distinct[r] = true
		if r < '0' || r > '9' {
			letters++
		}
	}
	return letters > 0 && len(w) > 1 && (len(distinct) > 1 || len(w) < 4)
}

// namesChars reports whether a run of characters names anything.
func (s *stopwords) namesChars(rs []rune) bool {
	distinct, all := map[rune]bool{}, 0
	for i := 0; i < len(rs); {
		if n := s.praiseAt(rs[i:]); n > 0 {
			i += n
			continue
		}
		if !s.chars[rs[i]] && !s.praiseChars[rs[i]] {
			if distinct[rs[i]] = true; len(distinct) > 1 {
				return true
			}
			all++
		}
		i++
	}
	return all == 1 || all == 2 // 啊啊啊啊 is a sound
}

// praiseAt returns the length of the stop word or praise at the start of rs, or 0.
func (s *stopwords) praiseAt(rs []rune) int {
	for n := min(longestChinese, len(rs)); n >= 2; n-- {
		if w := string(rs[:n]); s.chinese[w] || s.praise[w] {
			return n
		}
	}
	return 0
}
