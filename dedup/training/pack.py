"""Writes the files of ../assets, and the figures to expect of them.

  pack.py encoder --f32 encoder.f32 --vocab use_vocab.json --out encoder.q8 --out-vocab encoder.vocab.json
  pack.py student --npz student.npz --vocab student_vocab.json --tatoeba cmn.txt --strings i18n.tsv --cedict all.js --out student.q8
  pack.py cedict  --cedict all.js --out cedict.tsv.gz
  pack.py xling   --data DATA --out-dir ASSETS             cross-language figures of the packed files

q8 file, little-endian: uint64 header length; JSON header (padded with spaces); data. Header: {"format": "q8/1", "name", "note", "tensors":
[{"name", "dtype": "i8" | "f32" | "utf8", "shape", "offset", "axis", "scales"}]}. Offsets are bytes from the start of the data. An i8 value is
multiplied by the float32 scale of its index along "axis" (0: row, 1: column = output channel); "scales" is the offset of those float32."""
import argparse, gzip, json, math, re, struct
from collections import Counter
import numpy as np
import textlib


def write_q8(path, name, note, tensors):
    """tensors: [(name, array, axis)]; axis None = float32 as it is; bytes = text"""
    head, data = [], bytearray()

    def put(b):
        o = len(data)
        data.extend(b + b'\0' * (-len(b) % 8))
        return o
    for n, a, axis in tensors:
        if isinstance(a, bytes):
            head.append({'name': n, 'dtype': 'utf8', 'shape': [len(a)], 'offset': put(a)})
        elif axis is None:
            head.append({'name': n, 'dtype': 'f32', 'shape': list(a.shape), 'offset': put(a.astype('<f4').tobytes())})
        else:
            s = (np.abs(a).max(1 - axis, keepdims=True) / 127 + 1e-12).astype('<f4')
            q = np.clip(np.round(a / s), -127, 127).astype(np.int8)
            head.append({'name': n, 'dtype': 'i8', 'shape': list(a.shape), 'axis': axis, 'offset': put(q.tobytes()), 'scales': put(s.tobytes())})
    h = json.dumps({'format': 'q8/1', 'name': name, 'note': note, 'tensors': head}, ensure_ascii=False, separators=(',', ':')).encode()
    h += b' ' * (-len(h) % 8)
    open(path, 'wb').write(struct.pack('<Q', len(h)) + h + data)


def read_q8(path):
    raw = open(path, 'rb').read()
    n, = struct.unpack('<Q', raw[:8])
    out, d = {}, raw[8 + n:]
    for t in json.loads(raw[8:8 + n])['tensors']:
        k = int(np.prod(t['shape']))
        if t['dtype'] == 'utf8':
            out[t['name']] = d[t['offset']:t['offset'] + k].decode()
        elif t['dtype'] == 'f32':
            out[t['name']] = np.frombuffer(d, '<f4', k, t['offset']).reshape(t['shape'])
        else:
            m = t['shape'][t['axis']]
            s = np.frombuffer(d, '<f4', m, t['scales']).reshape((m, 1) if t['axis'] == 0 else (1, m))
            out[t['name']] = np.frombuffer(d, np.int8, k, t['offset']).reshape(t['shape']) * s
    return out


def encoder(x):
    from uset import read_f32
    T = read_f32(x.f32)
    # matrices are [in][out]: one scale per output channel; the vocabulary one per row
    write_q8(x.out, 'encoder', 'Universal Sentence Encoder Lite, fine-tuned; 512-d unit vectors; see ATTRIBUTION.md',
             [(n, a, None if a.ndim == 1 else 0 if n == 'emb' else 1) for n, a in T.items()])
    json.dump(json.load(open(x.vocab)), open(x.out_vocab, 'w', encoding='utf-8'), ensure_ascii=False, separators=(',', ':'))


def student(x):
    z, vocab, cd = np.load(x.npz), json.load(open(x.vocab)), textlib.Cedict(x.cedict)
    W, g, b = z['W'].astype(np.float32), z['g'], z['b']
    names = [''] + sorted(vocab, key=vocab.get)
    c = Counter()
    for _, t in textlib.tatoeba(x.tatoeba) + textlib.strings(x.strings):
        c.update(set(cd.toks(t)))
    cnt = np.array([c[k] for k in names])
    # rows kept: seen often enough in the training text
    need = {'c': 1, 'w': 2, 'b': 6, 'l': 3}
    keep = [0] + [i for i, k in enumerate(names) if k and cnt[i] >= need.get(k[0], 10 ** 9)]
    wt = (1 + np.minimum(cnt, 200))[:, None] ** .25
    Vt = np.linalg.svd((W * wt)[np.random.RandomState(0).permutation(len(W))[:20000]], full_matrices=False)[2][:256]
    write_q8(x.out, 'student', 'v = normalise(sum(gate[t] * rows[t]) / sqrt(sum(gate[t])) @ proj + bias) over the tokens of a Chinese text; row 0 when none is known; '
             'score = v . encoder(English). Weights start from CC-CEDICT glosses: CC BY-SA 4.0; see ATTRIBUTION.md',
             [('rows', W[keep] @ Vt.T, 0), ('gate', np.exp(g[keep]), None), ('proj', Vt, 0), ('bias', b, None), ('vocab', '\n'.join(names[i] for i in keep).encode(), None)])
    print(len(keep), 'rows')


def cedict(x):
    cd = textlib.Cedict(x.cedict)
    simplified = set(cd.t2s.values())
    final = lambda c: c not in cd.t2s or c in simplified     # characters that can be left after traditional -> simplified
    with gzip.GzipFile(x.out, 'wb', 9, mtime=0) as f:
        o = ['# CC-CEDICT, https://cc-cedict.org, CC BY-SA 4.0; meanings shortened (first 8 short senses). Line 2: pairs traditional, simplified; then word TAB sense/sense/...']
        o.append(''.join(a + b for a, b in sorted(cd.t2s.items())))
        o += [k + '\t' + '/'.join(g) for k, g in sorted(cd.words.items()) if len(k) <= 8 and all(textlib.HAN.match(c) and final(c) for c in k)]
        f.write('\n'.join(o).encode() + b'\n')
    print(len(cd.t2s), 'characters', len(o) - 2, 'words')


def words(t):
    out = [textlib.stem(w) for w in re.findall(r"[a-z0-9]+(?:['.+#-][a-z0-9]+)*", t.lower())]
    return out or [t.lower()]


def lexical(cd, zh, en):
    """cosine of IDF-weighted English words: the English side's own, the Chinese side's gloss words that the English side uses at all"""
    ew = [[w for w in words(t) if w not in textlib.STOP] or words(t) for t in en]
    df, N = Counter(w for t in ew for w in set(t)), len(en)
    idf = lambda w: math.log(1 + N / (.5 + df.get(w, 0)))
    EV, ZV = [{w: (1 + math.log(c)) * idf(w) for w, c in Counter(t).items()} for t in ew], []
    for t in zh:
        d = {}
        for w in cd.seg(cd.simp(t)):
            if not textlib.HAN.match(w):
                w = textlib.stem(w.lower())
                d[w] = d.get(w, 0) + idf(w)
                continue
            tk = {}
            for k, s in enumerate(cd.words.get(w, [])):
                for v in words(s):
                    if v in df and v not in textlib.STOP:
                        tk[v] = max(tk.get(v, 0), 1 / (1 + .3 * k))
            z = math.sqrt(sum(v * v for v in tk.values())) or 1
            for v, s in tk.items():
                d[v] = max(d.get(v, 0), s / z * idf(v))
        ZV.append(d)
    col = {w: i for i, w in enumerate(dict.fromkeys(w for d in EV + ZV for w in d))}

    def mat(V):
        M = np.zeros((len(V), len(col)), np.float32)
        for i, d in enumerate(V):
            for w, s in d.items():
                M[i, col[w]] = s
        return M / np.maximum(np.linalg.norm(M, axis=1, keepdims=True), 1e-9)
    return mat(ZV) @ mat(EV).T


def gloss(cd, t):
    """one English word or phrase per Chinese word, for the encoder"""
    stop = set('的了吗呢吧啊是在我你他她它们这那个有和就也都很不一上下来去会能要说') - set('我你他不')
    r = []
    for w in cd.seg(cd.simp(t)):
        if not textlib.HAN.match(w):
            r.append(w)
        elif cd.words.get(w) and w not in stop:
            r.append(cd.words[w][0])
    return ' '.join(r)[:400] or 'none'


def vectors(S, cd, texts):
    ix, out = {t: i for i, t in enumerate(S['vocab'].split('\n')) if t}, []
    for t in texts:
        r = [ix[k] for k in cd.toks(t) if k in ix] or [0]
        w = S['gate'][r]
        v = (w[:, None] * S['rows'][r]).sum(0) / max(w.sum() ** .5, 1e-3) @ S['proj'] + S['bias']
        out.append(v / np.linalg.norm(v))
    return np.array(out)


def xling(x):
    import tempfile
    from uset import USE, SHAPES
    Q, S, cd = read_q8(x.out_dir + '/encoder.q8'), read_q8(x.out_dir + '/student.q8'), textlib.Cedict(x.cedict)
    with tempfile.NamedTemporaryFile(suffix='.f32') as f:
        np.concatenate([Q[n].ravel() for n, _ in SHAPES]).astype('<f4').tofile(f.name)
        m = USE(f.name, x.out_dir + '/encoder.vocab.json')
    for nm in ('tatoeba', 'xquad', 'xsid'):
        G = textlib.load(x.data + '/xling.%s_en_zh.jsonl' % nm)
        en, zh, n = [g['en'] for g in G], [g['zh'] for g in G], len(G)
        U, L = m.encode(en), lexical(cd, zh, en)
        st, gl = vectors(S, cd, zh) @ U.T, m.encode([gloss(cd, t) for t in zh]) @ U.T
        for k, M in (('lexical', L), ('student', st), ('lexical+student', L + st), ('lexical+gloss/2+student', L + .5 * gl + st)):
            print('%-8s %-24s zh>en %.4f en>zh %.4f' % (nm, k, (M.argmax(1) == np.arange(n)).mean(), (M.argmax(0) == np.arange(n)).mean()))


if __name__ == '__main__':
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('what', choices=('encoder', 'student', 'cedict', 'xling'))
    for k in ('f32', 'vocab', 'npz', 'tatoeba', 'strings', 'cedict', 'out', 'out-vocab', 'out-dir', 'data'):
        a.add_argument('--' + k)
    x = a.parse_args()
    globals()[x.what](x)
