// A real SMTP server on loopback that keeps what it is sent.

import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { SMTPServer } from 'smtp-server'

export interface MailServer {
  readonly port: number
  /** Settings that send mail here, as the environment spells them. */
  readonly env: Readonly<Record<string, string>>
  readonly received: readonly string[]
}

/** `account`: the server asks for this name and password. */
export async function startMailServer(
  t: TestContext,
  account?: { readonly user: string; readonly password: string },
): Promise<MailServer> {
  const received: string[] = []
  const server = new SMTPServer({
    disabledCommands: account ? ['STARTTLS'] : ['STARTTLS', 'AUTH'],
    allowInsecureAuth: true,
    authOptional: account === undefined,
    onAuth(auth, _session, callback) {
      const isRight = auth.username === account?.user && auth.password === account?.password
      callback(isRight ? null : new Error('Invalid username or password'), { user: 'known' })
    },
    onData(stream, _session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        received.push(Buffer.concat(chunks).toString('utf8'))
        callback()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    received,
    env: {
      RULEWRIGHT_MAIL_HOST: '127.0.0.1',
      RULEWRIGHT_MAIL_PORT: String(port),
      RULEWRIGHT_MAIL_SECURITY: 'none',
      RULEWRIGHT_MAIL_FROM: 'Rulewright <rulewright@acme.example>',
    },
  }
}
