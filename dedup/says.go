package dedup

// praise are words that judge and name nothing, and what people type to try a
// form: beside stop words they make a text that says nothing.
const (
	englishPraise = ` awesome excellent perfect amazing fantastic wonderful brilliant super superb nicely well done job thx ty tks cheers bravo
 congrats congratulations wow yay yes lol haha hahaha omg hate sucks suck terrible awful horrible bad worst worse trash garbage rubbish crap useless
 happy sad star stars five four three two morning evening test tests testing tested asdf asdfg asdfgh qwerty foo bar hallo hola program product software
 company team guys everyone everything all fine so-so meh bye lorem ipsum far thumbs upvote
 best better cool good great hello hey hi love nice ok okay please thank thanks yes no work works working `
	chinesePraise = ` 好用 很好 真好 太好 非常 非常好 超好 好评 差评 不错 还不错 挺好 真棒 太棒 好棒 点赞 厉害 牛逼 喜欢 爱了 加油 辛苦 感谢 多谢 谢谢 完美 优秀
 给力 五星 满意 垃圾 太烂 太差 难用 不好用 不好 好吧 好的 你们 你们好 团队 测试 试试 测试一下 哈哈 呵呵 嘿嘿 666 继续 继续努力 支持你们 产品 程序 东西 挺好用 
 真的 确实 总体 整体 体验 使用 `
	praiseChars = "好用棒赞牛顶强烂差哈呵嘿嘻哇哦嗯喔哎唉嗨耶真挺超最谢爱试"
)

// subject are the stop words that a wish may be all about.
const subject = ` able add added adding option user users `

// How many stop words make a sentence that is worth being compared, though it names
// nothing: one that judges or thanks must have more of them.
const enoughWords, enoughPraise = 3, 7

// Says reports whether a text names anything: whether a word is left without
// those that only ask, judge, thank or greet. What says nothing belongs to no
// theme and makes none.
func (x *Index) Says(title, text string) bool {
	return x.stop.says(tokenise(title, maxTokens)) || x.stop.says(tokenise(text, maxTokens))
}

func (s *stopwords) says(ts []token) bool {
	words, judges := 0, false
	for i := 0; i < len(ts); {
		n := 1
		if w := ts[i].word; w != "" {
			if s.names(w) {
				return true
			}
			judges = judges || s.praise[w]
			if w[0] >= 'a' && w[0] <= 'z' {
				words++
			}
		} else {
			n = run(ts[i:])
			names, some, praises := s.readChars(ts[i : i+n])
			if names {
				return true
			}
			words, judges = words+some/2, judges || praises
		}
		i += n
	}
	return words >= enoughWords && !judges || words >= enoughPraise
}

// names reports whether a word names anything.
func (s *stopwords) names(w string) bool {
	if s.subject[w] {
		return true
	}
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

// readChars reports whether a run of characters names anything, how many different
// ones it has, and whether it judges or thanks.
func (s *stopwords) readChars(ts []token) (names bool, some int, praises bool) {
	rs := make([]rune, len(ts))
	for k := range rs {
		rs[k] = ts[k].char
	}
	naming, distinct, all := map[rune]bool{}, map[rune]bool{}, 0
	for i := 0; i < len(rs); {
		if n, praise := s.praiseAt(rs[i:]); n > 0 {
			for _, r := range rs[i : i+n] {
				distinct[r] = true
			}
			i, praises = i+n, praises || praise
			continue
		}
		r := rs[i]
		distinct[r] = true
		praises = praises || s.praiseChars[r]
		if !s.chars[r] && !s.praiseChars[r] {
			if naming[r] = true; len(naming) > 1 {
				return true, len(distinct), praises
			}
			all++
		}
		i++
	}
	return all == 1 || all == 2, len(distinct), praises // 啊啊啊啊 is a sound
}

// praiseAt returns the length of the stop word or praise at the start of rs, or 0,
// and whether it is praise.
func (s *stopwords) praiseAt(rs []rune) (n int, praise bool) {
	for n := min(longestChinese, len(rs)); n >= 2; n-- {
		if w := string(rs[:n]); s.chinese[w] || s.praise[w] {
			return n, s.praise[w]
		}
	}
	return 0, false
}
