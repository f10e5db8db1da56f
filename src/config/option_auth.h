/*
 * option_auth.h - the options of target.auth and source.auth, which are the same ones: rows of
 * the table, for option_table.c only.
 */
#ifndef CONFIG_OPTION_AUTH_H
#define CONFIG_OPTION_AUTH_H

#define AUTH_METHODS                                                                               \
	"password | oauth-client-credentials | google-service-account | oauth-device-code | "      \
	"oauth-authorization-code | token"

/* Offsets are written out: a macro in a macro is more than cppcheck's preprocessor takes. `s` is
 * the section's name as a text, `side` the field of struct project; needs the checks of
 * option_table.c. */
#define AUTH_ROWS(s, side)                                                                         \
	{ .info = { s ".auth.method", OPTION_ENUM, .range = AUTH_METHODS, .otherwise = "password", \
		    .help = "The kind of login (docs/logging-in.md)",                              \
		    .example = "oauth-client-credentials" },                                       \
	  .at = offsetof(struct project, side) + offsetof(struct project_auth, method),            \
	  .size = sizeof(((struct project_auth *)NULL)->method) },                                 \
		{ .info = { s ".auth.provider", OPTION_ENUM,                                       \
			    .range = "microsoft365 | google | generic",                            \
			    .help = "Whose URLs and scopes are meant where they are not given; "   \
				    "the "                                                         \
				    "target's is target.provider when not given",                  \
			    .example = "microsoft365" },                                           \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, provider),  \
		  .size = sizeof(((struct project_auth *)NULL)->provider) },                       \
		{ .info = { s ".auth.cloud", OPTION_ENUM,                                          \
			    .range = "global | gcc-high | dod | china", .otherwise = "global",     \
			    .help = "Microsoft's cloud: its login and mail hosts",                 \
			    .example = "gcc-high" },                                               \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, cloud),     \
		  .size = sizeof(((struct project_auth *)NULL)->cloud) },                          \
		{ .info = { s ".auth.tenant", OPTION_STRING, .range = "1..255",                    \
			    .unit = "characters", .help = "The tenant's id or domain",             \
			    .example = "treyresearch.onmicrosoft.com" },                           \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, tenant),    \
		  .size = sizeof(((struct project_auth *)NULL)->tenant),                           \
		  .check = check_path_word },                                                      \
		{ .info = { s ".auth.client_id", OPTION_STRING, .range = "1..255",                 \
			    .unit = "characters", .help = "The registered application's id",       \
			    .example = "11111111-2222-3333-4444-555555555555" },                   \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, client_id), \
		  .size = sizeof(((struct project_auth *)NULL)->client_id),                        \
		  .check = check_not_blank },                                                      \
		{ .info = { s ".auth.certificate", OPTION_SECRET,                                  \
			    .help = "The application's certificate and its private key (PEM)",     \
			    .example = "file:app.pem" },                                           \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, certificate),                                \
		  .size = sizeof(((struct project_auth *)NULL)->certificate) },                    \
		{ .info = { s ".auth.private_key", OPTION_SECRET,                                  \
			    .help = "The key alone, when the certificate's file does not hold it", \
			    .example = "file:app.key" },                                           \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, private_key),                                \
		  .size = sizeof(((struct project_auth *)NULL)->private_key) },                    \
		{ .info = { s ".auth.client_secret", OPTION_SECRET,                                \
			    .help = "The application's secret, instead of a certificate",          \
			    .example = "env:CLIENT_SECRET" },                                      \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, client_secret),                              \
		  .size = sizeof(((struct project_auth *)NULL)->client_secret) },                  \
		{ .info = { s ".auth.service_account", OPTION_SECRET,                              \
			    .help = "The key file of a Google service account with domain-wide "   \
				    "delegation "                                                  \
				    "(JSON)",                                                      \
			    .example = "file:service-account.json" },                              \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, service_account),                            \
		  .size = sizeof(((struct project_auth *)NULL)->service_account) },                \
		{ .info = { s ".auth.token", OPTION_SECRET,                                        \
			    .help = "An access token that somebody else makes; read anew every "   \
				    "few "                                                         \
				    "minutes and when it is refused",                              \
			    .example = "cmd:get-mail-token" },                                     \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, token),     \
		  .size = sizeof(((struct project_auth *)NULL)->token) },                          \
		{ .info = { s ".auth.scope", OPTION_STRING, .range = "1..1000",                    \
			    .unit = "characters",                                                  \
			    .help = "What the token is for, when the provider's preset is not "    \
				    "right",                                                       \
			    .example = "https://outlook.office365.com/.default" },                 \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, scope),     \
		  .size = sizeof(((struct project_auth *)NULL)->scope),                            \
		  .check = check_not_blank },                                                      \
		{ .info = { s ".auth.token_url", OPTION_STRING, .range = "1..1000",                \
			    .unit = "characters",                                                  \
			    .help = "The token endpoint, instead of the provider's",               \
			    .example = "https://login.example.net/oauth2/token" },                 \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, token_url), \
		  .size = sizeof(((struct project_auth *)NULL)->token_url),                        \
		  .check = check_https },                                                          \
		{ .info = { s ".auth.device_url", OPTION_STRING, .range = "1..1000",               \
			    .unit = "characters",                                                  \
			    .help = "The device authorization endpoint, instead of the "           \
				    "provider's",                                                  \
			    .example = "https://login.example.net/oauth2/devicecode" },            \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, device_url),                                 \
		  .size = sizeof(((struct project_auth *)NULL)->device_url),                       \
		  .check = check_https },                                                          \
		{ .info = { s ".auth.authorize_url", OPTION_STRING, .range = "1..1000",            \
			    .unit = "characters",                                                  \
			    .help = "The login page, instead of the provider's",                   \
			    .example = "https://login.example.net/oauth2/authorize" },             \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, authorize_url),                              \
		  .size = sizeof(((struct project_auth *)NULL)->authorize_url),                    \
		  .check = check_https },                                                          \
		{ .info = { s ".auth.audience", OPTION_STRING, .range = "1..1000",                 \
			    .unit = "characters",                                                  \
			    .help = "Whom signed assertions are for, when it is not the token "    \
				    "endpoint's "                                                  \
				    "URL",                                                         \
			    .example = "https://login.example.net" },                              \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, audience),  \
		  .size = sizeof(((struct project_auth *)NULL)->audience),                         \
		  .check = check_not_blank },                                                      \
		{ .info = { s ".auth.redirect_port", OPTION_UINT, .range = "0..65535",             \
			    .otherwise = "0",                                                      \
			    .help = "Where the browser comes back to on this machine; 0: any "     \
				    "port that "                                                   \
				    "is free",                                                     \
			    .example = "8400" },                                                   \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, redirect_port),                              \
		  .size = sizeof(((struct project_auth *)NULL)->redirect_port) },                  \
		{ .info = { s ".auth.cache", OPTION_ENUM, .range = "file | none",                  \
			    .otherwise = "file",                                                   \
			    .help = "Whether a person's login is kept for the next run: a "        \
				    "refresh token, "                                              \
				    "in .cutover/, mode 0600",                                     \
			    .example = "none" },                                                   \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, cache),     \
		  .size = sizeof(((struct project_auth *)NULL)->cache) },                          \
		{ .info = { s ".auth.master_user", OPTION_STRING, .range = "1..255",               \
			    .unit = "characters",                                                  \
			    .help = "An administrator who may open every mailbox; the CSV's "      \
				    "passwords of "                                                \
				    "this side are not used then",                                 \
			    .example = "cyrus" },                                                  \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, master_user),                                \
		  .size = sizeof(((struct project_auth *)NULL)->master_user),                      \
		  .check = check_not_blank },                                                      \
		{ .info = { s ".auth.master_password", OPTION_SECRET,                              \
			    .help = "The administrator's password",                                \
			    .example = "env:MASTER_PASSWORD" },                                    \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, master_password),                            \
		  .size = sizeof(((struct project_auth *)NULL)->master_password) },                \
		{ .info = { s ".auth.master_by", OPTION_ENUM, .range = "name | authzid",           \
			    .otherwise = "name",                                                   \
			    .help = "How the mailbox is named: name is USER*MASTER as the login "  \
				    "name "                                                        \
				    "(Dovecot); authzid is SASL PLAIN's authorization identity "   \
				    "(Cyrus)",                                                     \
			    .example = "authzid" },                                                \
		  .at = offsetof(struct project, side) + offsetof(struct project_auth, master_by), \
		  .size = sizeof(((struct project_auth *)NULL)->master_by) },                      \
		{ .info = { s ".auth.master_separator", OPTION_STRING, .range = "1..8",            \
			    .unit = "characters", .otherwise = "*",                                \
			    .help = "What stands between the two names", .example = "\"*\"" },     \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, master_separator),                           \
		  .size = sizeof(((struct project_auth *)NULL)->master_separator),                 \
		  .check = check_not_blank },                                                      \
		{ .info = { s ".auth.login_forms", OPTION_LIST, .range = "0..4",                   \
			    .unit = "entries",                                                     \
			    .help = "Further forms of the login name, tried when a password is "   \
				    "refused: "                                                    \
				    "address, local-part, domain\\user. Providers may lock "       \
				    "accounts by "                                                 \
				    "such tries",                                                  \
			    .example = "[ local-part ]" },                                         \
		  .of = OPTION_STRING,                                                             \
		  .at = offsetof(struct project, side) +                                           \
			offsetof(struct project_auth, login_forms),                                \
		  .size = sizeof(((struct project_auth *)NULL)->login_forms),                      \
		  .check = check_login_form },                                                     \
	{                                                                                          \
		.info = { s ".auth.login_domain",                                                  \
			  OPTION_STRING,                                                           \
			  .range = "1..64",                                                        \
			  .unit = "characters",                                                    \
			  .help = "The DOMAIN of DOMAIN\\user",                                    \
			  .example = "TREYRESEARCH" },                                             \
		.at = offsetof(struct project, side) +                                             \
		      offsetof(struct project_auth, login_domain),                                 \
		.size = sizeof(((struct project_auth *)NULL)->login_domain),                       \
		.check = check_not_blank                                                           \
	}

#endif
