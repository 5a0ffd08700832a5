package auth

import (
	"crypto/rand"
	"hash/crc32"
	"math/big"
	"slices"
	"strings"

	"github.com/heedhq/heed/models"
)

// A token looks like heed_agent_<43 characters>_<6 characters>: the form lets
// scanners of repositories find leaked ones, and the checksum at the end lets
// Heed refuse a mistyped or made-up one without asking the database.
const (
	tokenMark   = "heed"
	tokenBody   = 43 // 32 bytes in base62
	tokenCheck  = 6  // 4 bytes in base62
	tokenPrefix = 4  // characters of the body that are shown
)

// TokenKinds lists who may speak through a token.
func TokenKinds() []string {
	return []string{models.TokenMember, models.TokenAgent, models.TokenService}
}

func newToken(kind string) string {
	b := make([]byte, 32)
	rand.Read(b)
	s := tokenMark + "_" + kind + "_" + base62(new(big.Int).SetBytes(b), tokenBody)
	return s + "_" + checksum(s)
}

// isToken reports whether s has the form of a token, checksum included.
func isToken(s string) bool {
	p := strings.Split(s, "_")
	if len(p) != 4 || p[0] != tokenMark || !slices.Contains(TokenKinds(), p[1]) || len(p[2]) != tokenBody {
		return false
	}
	return p[3] == checksum(s[:len(s)-len(p[3])-1])
}

// shownParts are what a list shows of a token: enough to recognise it.
func shownParts(token string) (prefix, last4 string) {
	return token[:strings.LastIndexByte(token, '_')-tokenBody+tokenPrefix], token[len(token)-4:]
}

func checksum(s string) string {
	return base62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(s)))), tokenCheck)
}

func base62(n *big.Int, width int) string {
	s := n.Text(62)
	return strings.Repeat("0", width-len(s)) + s
}
