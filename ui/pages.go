package ui

// Pages by name, each with the view struct that Render expects as data.
const (
	PageInbox     = "inbox"     // Inbox
	PageThemes    = "themes"    // ThemeList
	PageTheme     = "theme"     // Theme
	PageFollowUp  = "followups" // FollowUps
	PageProposals = "proposals" // Proposals
	PageCapture   = "capture"   // Capture
	PageEmergency = "emergency" // Emergencies
	PageQuality   = "quality"   // Quality
	PageRouting   = "routing"   // Routing
	PageRule      = "rule"      // RuleForm
	PageClocks    = "clocks"    // Clocks
	PageOutcomes  = "outcomes"  // Outcomes
	PageTokens    = "tokens"    // Tokens
	PageWebhooks  = "webhooks"  // Webhooks
	PageWebhook   = "webhook"   // Webhook
	PageConsent   = "consent"   // Consent
	PagePeople    = "people"    // People
	PagePerson    = "person"    // Person
	PageAccounts  = "accounts"  // Accounts
	PagePromises  = "promises"  // Promises
	PageByHand    = "by_hand"   // ByHand
	PageReleases  = "releases"  // Releases
	PageComments  = "comments"  // Moderation

	PageGitHub      = "github"       // GitHub
	PageGitHubSetup = "github_setup" // GitHubSetup
	PageBounces     = "bounces"      // Bounces
	PageMailSetup   = "mail_setup"   // MailSetup
	PageMailPreview = "mail_preview" // MailPreview

	PageSuggestion = "suggestion" // SuggestionPage
	PageThreads    = "threads"    // Threads

	PageSignIn     = "sign_in"      // SignIn
	PageSignInCode = "sign_in_code" // SignInCode
	PageSignInLink = "sign_in_link" // SignInLink

	PagePortalList  = "portal_list"        // PortalList
	PagePortalTheme = "portal_theme"       // PortalTheme
	PageSuggest     = "portal_suggest"     // Suggest
	PageThanks      = "portal_thanks"      // Thanks
	PageReceipt     = "portal_receipt"     // Receipt
	PageSaid        = "portal_suggestion"  // PersonPage
	PageUnsubscribe = "portal_unsubscribe" // Unsubscribe
	PageSolved      = "portal_solved"      // SolvedPage
	PageMeant       = "portal_meant"       // MeantPage
	PageMe          = "portal_me"          // Me
	PagePreferences = "portal_preferences" // Preferences
	PageError       = "error"              // Failure

	PageMailList    = "dev_mail"         // MailList
	PageMailMessage = "dev_mail_message" // MailMessage
	PageGallery     = "gallery"          // Gallery
)

// Fragments: the part's name, the page it belongs to and its data.
const (
	FragmentInboxPane    = "inbox_pane"      // PageInbox, InboxPane
	FragmentThemeOptions = "theme_options"   // PageInbox, []ThemeRef
	FragmentConsequence  = "consequence"     // PageTheme, StatusForm
	FragmentMergeChoices = "merge_choices"   // PageTheme, MergeForm
	FragmentSimilar      = "portal_similar"  // PageSuggest, Similar
	FragmentCapture      = "capture_similar" // PageCapture, CaptureSimilar
	FragmentCustomers    = "capture_people"  // PageCapture, []Customer
	FragmentCustomer     = "capture_person"  // PageCapture, Customer
	FragmentRecent       = "capture_recent"  // PageCapture, []Filing
	FragmentDeliveryRow  = "delivery_row"    // PageFollowUp, Delivery
)
