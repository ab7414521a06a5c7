// Mail through the SMTP server that the settings name. The password is read for each mail, so that a
// changed secret file is in force at once; the socket comes from platform/outbound-socket.ts.

import { AppError } from '#kernel/error.ts'
import { SECOND } from '#kernel/time.ts'
import type { Settings } from '#platform/config/schema.ts'
import type { Mailer } from '#platform/mailer.ts'
import { openSocket } from '#platform/outbound-socket.ts'

const ANSWER_TIMEOUT_MS = 15 * SECOND

/** Undefined where the settings name no server. `password` is asked at each mail. */
export function smtpMailer(
  { host, port, security, user, from }: Settings['mail'],
  password: () => string | undefined,
): Mailer | undefined {
  if (host === undefined || from === undefined) return undefined
  return {
    async send({ to, subject, text }, signal) {
      const pass = user === undefined ? undefined : password()
      const { createTransport } = await import('nodemailer') // 300 kB that most starts do without
      const secured = security === 'tls'
      const connection = await openSocket({ host, port, isTls: secured, signal })
      const transport = createTransport({
        host,
        port,
        secure: secured,
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        tls: { minVersion: 'TLSv1.2' },
        ...(user !== undefined && pass !== undefined && { auth: { user, pass } }),
        greetingTimeout: ANSWER_TIMEOUT_MS,
        socketTimeout: ANSWER_TIMEOUT_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
        getSocket: (_options, callback) => callback(null, { connection, secured }),
      })
      try {
        // Auto-Submitted keeps holiday notes from answering (RFC 3834).
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
      } catch (cause) {
        if (cause instanceof AppError) throw cause
        throw new AppError('upstream', 'The mail server did not take the mail.', { cause })
      } finally {
        transport.close()
      }
    },
  }
}
