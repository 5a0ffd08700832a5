"""USE-lite in torch: tokenizer, forward pass, load and save. Weight file: float32 as written by dump_weights.js, tensors in the order of SHAPES."""
import json, math
from functools import lru_cache
import numpy as np, torch, torch.nn.functional as F

SHAPES = [('emb', (8002, 256)), ('tim', (128,)), ('dW', (256, 512)), ('dB', (512,))]
for L, d in enumerate((256, 512)):
    SHAPES += [(f'{L}.lnS', (d,)), (f'{L}.lnB', (d,)), (f'{L}.qkvW', (d, 3 * d)), (f'{L}.qkvB', (3 * d,)), (f'{L}.oW', (d, 512)), (f'{L}.oB', (512,)),
               (f'{L}.fnS', (512,)), (f'{L}.fnB', (512,)), (f'{L}.w1', (512, 1536)), (f'{L}.b1', (1536,)), (f'{L}.w2', (1536, 512)), (f'{L}.b2', (512,))]
SHAPES += [('tW', (512, 512)), ('tB', (512,))]


def read_f32(path):
    a, o, out = np.fromfile(path, dtype='<f4'), 0, {}
    for name, shape in SHAPES:
        k = int(np.prod(shape))
        out[name] = a[o:o + k].reshape(shape)
        o += k
    assert o == len(a), 'not a USE-lite weight file'
    return out


class Tok:
    """unigram Viterbi over the 8,002 pieces, at most 128 tokens"""

    def __init__(self, path):
        v = json.load(open(path))
        self.p = {w: i for i, (w, _) in enumerate(v) if i >= 6}
        self.sc = [float(x[1]) if isinstance(x[1], (int, float)) else 0. for x in v]
        self.ml = max(map(len, self.p))

    @lru_cache(maxsize=400000)
    def __call__(self, t):
        r = '\u2581' + t.replace(' ', '\u2581')
        n, NI = len(r), -math.inf
        best, w, fr, p, sc = [0.] + [NI] * n, [0] * (n + 1), [0] * (n + 1), self.p, self.sc
        for i in range(n):
            hit = False
            for j in range(i + 1, min(n, i + self.ml) + 1):
                k = p.get(r[i:j])
                if k is not None:
                    hit = True
                    v = best[i] + sc[k]
                    if v >= best[j]:
                        best[j], w[j], fr[j] = v, k, i
            if not hit or best[i + 1] == NI:
                v = best[i] - 20
                if v >= best[i + 1]:
                    best[i + 1], w[i + 1], fr[i + 1] = v, 0, i
        o, e = [], n
        while e > 0:
            if not (w[e] == 0 and o and o[-1] == 0):
                o.append(w[e])
            e = fr[e]
        return o[::-1][:128]


class USE(torch.nn.Module):
    def __init__(self, weights, vocab):
        super().__init__()
        self.P = torch.nn.ParameterDict({n.replace('.', '_'): torch.nn.Parameter(torch.tensor(a.copy())) for n, a in read_f32(weights).items()})
        self.tok = Tok(vocab)

    def save(self, path):
        np.concatenate([self.P[n.replace('.', '_')].detach().numpy().ravel() for n, _ in SHAPES]).astype('<f4').tofile(path)

    def batch(self, texts):
        ids = [self.tok(' '.join(t.split())) or [0] for t in texts]
        m = max(map(len, ids))
        X, M = torch.zeros(len(ids), m, dtype=torch.long), torch.zeros(len(ids), m)
        for i, x in enumerate(ids):
            X[i, :len(x)] = torch.tensor(x)
            M[i, :len(x)] = 1
        return X, M

    def forward(self, X, M, drop=0.0):
        P = self.P
        n, m = X.shape
        ang = torch.arange(m).float()[:, None] * P['tim'][None].detach()
        x = 2 * F.embedding(X, P['emb']) + torch.cat([ang.sin(), ang.cos()], 1)[None]
        neg = (1 - M)[:, None, None, :] * -1e9
        for L in (0, 1):
            g = lambda k: P[f'{L}_{k}']
            d = 256 << L
            hd = d // 4
            h = F.layer_norm(x, (d,), g('lnS'), g('lnB'), 1e-6)
            q, k, v = [t.view(n, m, 4, hd).transpose(1, 2) for t in (h @ g('qkvW') + g('qkvB')).split(d, 2)]
            a = (q @ k.transpose(2, 3) / math.sqrt(hd) + neg).softmax(-1)
            t = (a @ v).transpose(1, 2).reshape(n, m, d) @ g('oW') + g('oB')
            if drop and self.training:
                t = F.dropout(t, drop)
            if L == 0:
                x = x @ P['dW'] + P['dB']
            x = x + t
            h = F.layer_norm(x, (512,), g('fnS'), g('fnB'), 1e-6)
            t = F.relu(h @ g('w1') + g('b1')) @ g('w2') + g('b2')
            if drop and self.training:
                t = F.dropout(t, drop)
            x = x + t
        mean = (x * M[:, :, None]).sum(1) / M.sum(1, keepdim=True)
        return F.normalize(torch.tanh(mean @ P['tW'] + P['tB']), dim=1)

    @torch.no_grad()
    def encode(self, texts, bs=256):
        self.eval()
        order, E = sorted(range(len(texts)), key=lambda i: len(texts[i])), np.zeros((len(texts), 512), np.float32)
        for a in range(0, len(order), bs):
            ix = order[a:a + bs]
            E[ix] = self(*self.batch([texts[i] for i in ix])).numpy()
        return E
