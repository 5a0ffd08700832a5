package config

// key is one thing to set: its name, what it allows in words, and the field
// behind it. set explains in its error what is wrong with a value.
type key struct {
	name    string
	allowed string
	secret  bool // never shown
	url     bool // shown without its password
	set     func(string) error
	get     func() string
}

// keys lists every key, bound to c.
func (c *Config) keys() []key {
	return append([]key{
		text("server.addr", &c.Server.Addr, "HOST:PORT such as 127.0.0.1:8080", hostPort),
		text("server.public_url", &c.Server.PublicURL, "http:// or https:// and a host, without a path; empty: from server.addr", optional(origin)),
		text("server.trusted_proxies", &c.Server.TrustedProxies, "addresses and CIDRs such as 10.0.0.5, 10.1.0.0/16, separated by commas; empty: this machine only", proxies),
		text("server.metrics_addr", &c.Server.MetricsAddr, "HOST:PORT such as 127.0.0.1:9090; empty: off", optional(hostPort)),
		secretURL("database.url", &c.Database.URL, "sqlite:PATH or postgres://USER@HOST/NAME", database),
		secretURL("mail.smtp_url", &c.Mail.SMTPURL, "smtp://HOST:PORT, smtp+starttls://… or smtps://…; empty: mail is kept", optional(relay)),
		text("mail.from", &c.Mail.From, "an address such as Heed <heed@example.com>", mailbox),
		number("mail.connections", &c.Mail.Connections, 1, 20),
		text("mail.bounce_address", &c.Mail.BounceAddress, "an address whose local part has at most 20 characters and no +, such as bounces@example.com; empty: mail.from", optional(bounceAddress)),
		secretURL("mail.bounces_url", &c.Mail.BouncesURL, "imaps://USER:PASSWORD@HOST/INBOX, or imap:// on this machine; empty: none", optional(imapMailbox)),
		secret("mail.bounce_secret", &c.Mail.BounceSecret),
		secretURL("mail.probe_url", &c.Mail.ProbeURL, "http:// or https:// with {message_id} in its path or query; empty: nobody is asked", optional(probe)),
		text("mail.dkim_selector", &c.Mail.DKIMSelector, "the selector of the relay's DKIM key, letters, digits, - and .; empty: unknown", optional(selector)),
		text("mail.spf", &c.Mail.SPF, "what allows the relay to send, such as include:spf.example.net; empty: the relay's host", optional(mechanisms)),
		text("github.api_url", &c.GitHub.APIURL, "http:// or https:// and a host", webURL),
		secret("github.token", &c.GitHub.Token),
		appID("github.app_id", &c.GitHub.AppID),
		keyFile("github.private_key_file", &c.GitHub.PrivateKeyFile),
		secret("github.webhook_secret", &c.GitHub.WebhookSecret),
		text("github.repository", &c.GitHub.Repository, "owner/name; empty: none", optional(repository)),
		oneOf("github.comments", &c.GitHub.Comments, "", "out", "in", "both"),
		oneOf("github.create_on", &c.GitHub.CreateOn, "", "under_review", "planned", "in_progress"),
		oneOf("github.milestones", &c.GitHub.Milestones, "", "match", "create"),
		yes("github.releases", &c.GitHub.Releases),
		oneOf("github.on_completed", &c.GitHub.OnCompleted, OnCompletedHold, OnCompletedShip),
		oneOf("github.on_merged", &c.GitHub.OnMerged, "", "in_progress", "ready"),
		attach("dedup.attach", &c.Dedup.Attach),
		text("dedup.embeddings_url", &c.Dedup.EmbeddingsURL, "http:// or https:// and a host, with or without /v1/embeddings; empty: the built-in model", optional(webURL)),
		text("dedup.embeddings_model", &c.Dedup.EmbeddingsModel, "the model's name on that server, at most 200 characters", modelName),
		secret("dedup.embeddings_key", &c.Dedup.EmbeddingsKey),
		number("attachments.max_mb", &c.Attachments.MaxMB, 1, 20),
		number("attachments.per_suggestion", &c.Attachments.PerSuggestion, 1, 100),
		duration("followups.settle", &c.Followups.Settle),
		duration("followups.window", &c.Followups.Window),
		number("followups.daily_limit", &c.Followups.DailyLimit, 0, 1000),
		quietHours("followups.quiet_hours", &c.Followups.QuietHours),
		text("followups.time_zone", &c.Followups.TimeZone, "a time zone such as Asia/Shanghai; empty: the machine's", optional(timeZone)),
		yes("webhooks.allow_private", &c.Webhooks.AllowPrivate),
		number("webhooks.keep_texts_days", &c.Webhooks.KeepTextsDays, 1, 30),
		number("followups.promise_under_review", &c.Followups.PromiseUnderReview, 0, 730),
		number("followups.promise_planned", &c.Followups.PromisePlanned, 0, 730),
		number("followups.promise_in_progress", &c.Followups.PromiseInProgress, 0, 730),
		number("followups.promise_postponed", &c.Followups.PromisePostponed, 0, 730),
		number("agents.per_hour", &c.Agents.PerHour, 0, 1_000_000),
		number("agents.per_day", &c.Agents.PerDay, 0, 1_000_000),
		text("emergency.alert_to", &c.Emergency.AlertTo, "roles (owner, admin, pm, support) and addresses, separated by commas", alertTo),
		duration("emergency.realert", &c.Emergency.Realert),
		duration("emergency.reply_within", &c.Emergency.ReplyWithin),
		yes("redact.email", &c.Redact.Email),
		yes("redact.phone", &c.Redact.Phone),
		oneOf("i18n.default_locale", &c.I18n.DefaultLocale, "en", "zh"),
		text("secrets.key_file", &c.Secrets.KeyFile, "a file name", notEmpty),
		level("log.level", &c.Log.Level),
		oneOf("log.format", &c.Log.Format, "text", "json"),
	}, c.Cron.keys()...)
}

func (c *Cron) keys() []key {
	return []key{
		schedule("cron.deliver", &c.Deliver),
		schedule("cron.settle", &c.Settle),
		schedule("cron.fan_out", &c.FanOut),
		schedule("cron.emergency", &c.Emergency),
		schedule("cron.promises", &c.Promises),
		schedule("cron.staff_digest", &c.StaffDigest),
		schedule("cron.digests", &c.Digests),
		schedule("cron.bounces", &c.Bounces),
		schedule("cron.sla", &c.SLA),
		schedule("cron.retention", &c.Retention),
		schedule("cron.github_recent", &c.GitHubRecent),
		schedule("cron.github_hourly", &c.GitHubHourly),
		schedule("cron.github_nightly", &c.GitHubNightly),
		schedule("cron.proposals", &c.Proposals),
		schedule("cron.doctor", &c.Doctor),
		schedule("cron.backup", &c.Backup),
	}
}
