package ui

// SignIn asks for an e-mail address.
type SignIn struct {
	Email string
	// Next is the local path to go to afterwards.
	Next  string
	Error string
}

// SignInCode asks for the code that was sent.
type SignInCode struct {
	Email, Next string
	Minutes     int
	Error       string
}

// SignInLink asks to press the button: opening a link alone signs nobody in.
type SignInLink struct {
	Token string
	// Email is whom the link would sign in; empty when the link is not valid.
	Email string
	// Expired shows the way to a new code in place of the button.
	Expired bool
}
