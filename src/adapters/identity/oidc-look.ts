// What can be told of a provider without a person: each step in words that say what to do about it.

import { AppError } from '#kernel/error.ts'
import { formatDuration, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import { ADVICE } from './advice.ts'
import type { OidcProvider, Step } from '#domain/identity/port.ts'
import type { OidcServer, OidcServers } from './oidc-server.ts'
import { z } from 'zod'

const Keys = z.object({ keys: z.array(z.object({ kty: z.string(), use: z.string().optional() })) })

export async function lookAt(
  provider: Pick<OidcProvider, 'id' | 'settings'>,
  servers: OidcServers,
  now: Instant,
): Promise<readonly Step[]> {
  try {
    const server = await servers.ask(provider)
    return [
      good('Discovery', `${server.metadata.issuer} tells where everything is.`),
      ...(await lookAtKeys(server, now)),
      lookAtPkce(server),
      lookAtLogout(server),
    ]
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { why, advice } = error.details
    const text = typeof why === 'string' ? `Not reached: ${why}.` : error.message
    return [bad('Discovery', text, typeof advice === 'string' ? advice : ADVICE.discovery)]
  }
}

async function lookAtKeys({ metadata, fetch }: OidcServer, now: Instant): Promise<readonly Step[]> {
  try {
    const answer = await fetch(metadata.jwks_uri!, { method: 'GET', headers: {} })
    const clock = lookAtClock(answer.headers.get('date'), now)
    const { keys } = Keys.parse(await answer.json())
    const signing = keys.filter(({ kty, use }) => kty !== 'oct' && use !== 'enc').length
    if (signing === 0) {
      return [bad('Keys', 'The provider shows no key that it signs with.', ADVICE.keys), ...clock]
    }
    return [good('Keys', `${signing} to check signatures with.`), ...clock]
  } catch {
    return [bad('Keys', `The keys at ${metadata.jwks_uri} cannot be read.`, ADVICE.keys)]
  }
}

/** Nothing where the provider does not say what time it is. */
function lookAtClock(date: string | null, now: Instant): readonly Step[] {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return []
  const apart = Math.abs(theirs - now)
  if (apart <= MINUTE) return [good('Clocks', 'Both machines have the same time.')]
  const text = `The two machines are ${formatDuration(Math.round(apart / SECOND) * SECOND)} apart: tokens seem over, or of the future.`
  return [bad('Clocks', text, ADVICE.clock)]
}

function lookAtPkce({ metadata }: OidcServer): Step {
  const methods = metadata.code_challenge_methods_supported
  if (methods?.includes('S256') === true) return good('PKCE', 'S256 is taken.')
  return odd('PKCE', 'The provider does not say that it takes S256. It is sent all the same.')
}

function lookAtLogout({ metadata }: OidcServer): Step {
  if (metadata.backchannel_logout_supported === true) {
    return good('Back-channel logout', 'The provider can end sessions here.')
  }
  return odd(
    'Back-channel logout',
    'The provider does not offer it: whoever is suspended there stays until the session ends by itself.',
    'Nothing needs to be done; a directory (SCIM) closes the door at once, and fewer hours of a session sooner.',
  )
}

const step =
  (verdict: Step['verdict']) =>
  (name: string, text: string, advice?: string): Step => ({ name, verdict, text, advice })
const good = step('good')
const odd = step('odd')
const bad = step('bad')
