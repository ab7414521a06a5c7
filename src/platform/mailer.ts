// How a mail leaves: the settings say through which server, an adapter does it. Absent from the house
// where no mail server is set; then links are shown on the page instead, and nothing waits for mail.

export interface Mail {
  readonly to: string
  readonly subject: string
  /** Plain text with LF. */
  readonly text: string
}

export interface Mailer {
  /** Resolves once the server has taken it. Throws `upstream` or `timeout`. */
  send(mail: Mail, signal: AbortSignal): Promise<void>
}
