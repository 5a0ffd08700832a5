package auth

// CachedTokens is how many tokens are remembered.
func CachedTokens(a *Auth) int {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	return len(a.tokens.byHash)
}
