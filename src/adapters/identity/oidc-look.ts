// What can be told of a provider without a person: each step in words that say what to do about it.

import { AppError } from '#kernel/error.ts'
import type { OidcProvider, Step } from '#domain/identity/port.ts'
import type { OidcServer, OidcServers } from './oidc-server.ts'
import { z } from 'zod'

const Keys = z.object({ keys: z.array(z.object({ kty: z.string(), use: z.string().optional() })) })

export async function lookAt(
  provider: Pick<OidcProvider, 'id' | 'settings'>,
  servers: OidcServers,
): Promise<readonly Step[]> {
  try {
    const server = await servers.ask(provider)
    return [
      good('Discovery', `${server.metadata.issuer} tells where everything is.`),
      await lookAtKeys(server),
      lookAtPkce(server),
      lookAtLogout(server),
    ]
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const why = error.details['why']
    return [bad('Discovery', typeof why === 'string' ? `Not reached: ${why}.` : error.message)]
  }
}

async function lookAtKeys({ metadata, fetch }: OidcServer): Promise<Step> {
  try {
    const answer = await fetch(metadata.jwks_uri!, { method: 'GET', headers: {} })
    const { keys } = Keys.parse(await answer.json())
    const signing = keys.filter(({ kty, use }) => kty !== 'oct' && use !== 'enc').length
    if (signing === 0) return bad('Keys', 'The provider shows no key that it signs with.')
    return good('Keys', `${signing} to check signatures with.`)
  } catch {
    return bad('Keys', `The keys at ${metadata.jwks_uri} cannot be read.`)
  }
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
  )
}

const step = (verdict: Step['verdict']) => (name: string, text: string) => ({ name, verdict, text })
const good = step('good')
const odd = step('odd')
const bad = step('bad')
