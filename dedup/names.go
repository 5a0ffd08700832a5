package dedup

import "hash/maphash"

// names are the ids of documents. A million of them are kept without a pointer
// to each, so that the garbage collector need not look at every one.
type names struct {
	seed   maphash.Seed
	chunks [][]byte          // ids, each behind its length
	at     []uint32          // by document: where its id is, chunk and place in it
	byHash map[uint32]uint32 // documents
	more   map[string]uint32 // those whose hash another has
}

const nameChunk = 1 << 16

// nobody is no document's number.
const nobody = ^uint32(0)

// longestName is by how many bytes ids are told apart.
const longestName = 255

func newNames() names {
	return names{seed: maphash.MakeSeed(), byHash: map[uint32]uint32{}, more: map[string]uint32{}}
}

func short(id string) string { return id[:min(len(id), longestName)] }

func (s *names) hash(id string) uint32 { return uint32(maphash.String(s.seed, id)) }

// add gives document n, the next one, its id, which no other must have.
func (s *names) add(n uint32, id string) {
	id = short(id)
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+1+len(id) > nameChunk {
		s.chunks = append(s.chunks, make([]byte, 0, nameChunk))
		last++
	}
	c := s.chunks[last]
	s.at = append(s.at, uint32(last*nameChunk+len(c)))
	s.chunks[last] = append(append(c, byte(len(id))), id...)
	h := s.hash(id)
	if _, taken := s.byHash[h]; taken {
		s.more[id] = n
		return
	}
	s.byHash[h] = n
}

// bytes is the id of document n as it is kept.
func (s *names) bytes(n uint32) []byte {
	c, i := s.chunks[s.at[n]/nameChunk], s.at[n]%nameChunk
	return c[i+1:][:c[i]]
}

// of is the id of document n.
func (s *names) of(n uint32) string { return string(s.bytes(n)) }

// find returns the document with an id.
func (s *names) find(id string) (uint32, bool) {
	id = short(id)
	if n, ok := s.byHash[s.hash(id)]; ok && string(s.bytes(n)) == id {
		return n, true
	}
	n, ok := s.more[id]
	return n, ok
}

// drop forgets that document n has this id.
func (s *names) drop(id string, n uint32) {
	id = short(id)
	h := s.hash(id)
	if first, ok := s.byHash[h]; ok && first == n {
		delete(s.byHash, h)
		return
	}
	delete(s.more, id)
}
