// Whether both ends of Elastic can be reached and fit together, who we are to them, and how long the key
// lasts. A proxy may take away the header that says whose product it is; the answer itself says it, too.

import type { CheckAnswer, Connection } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { INSTANT_MAX, instant, SECOND, type Instant } from '#kernel/time.ts'
import { readAs, type ElasticClient } from './client.ts'
import { apiKeys, authenticated, root, spaces, status } from './replies.ts'
import type { ElasticSettings } from './settings.ts'

export interface Ends {
  readonly elasticsearch: ElasticClient
  readonly kibana: ElasticClient
}

export async function checkElastic(
  { elasticsearch, kibana }: Ends,
  settings: ElasticSettings,
  { now }: Connection,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const asked = now()
  const what = 'who it is'
  const reply = await elasticsearch.send({ path: '/', what, signal })
  const { version } = readAs(root, reply.body, what)
  if (version.distribution !== undefined) {
    throw new AppError(
      'unsupported',
      `What answers there is ${version.distribution}, not Elasticsearch.`,
    )
  }
  const { identity, keyId } = await whoAmI(elasticsearch, signal)
  const kibanaVersion = await checkKibana(kibana, settings, signal)
  return {
    product: version.build_flavor === 'serverless' ? 'Elastic Cloud Serverless' : 'Elastic',
    version: versionsOf(version.number, kibanaVersion),
    identity,
    clockSkewMs: skewOf(reply.headers['date'], asked),
    expiresAt: keyId === null ? null : await expiryOf(elasticsearch, keyId, signal),
  }
}

interface Identity {
  readonly user: string
  readonly keyId: string | null
  /** A key has a name, and others may have the same. */
  readonly identity: string
}

export async function whoAmI(elasticsearch: ElasticClient, signal: AbortSignal): Promise<Identity> {
  const what = 'who this credential is'
  const me = await elasticsearch.send({ path: '/_security/_authenticate', what, signal })
  const { username: user, api_key: key } = readAs(authenticated, me.body, what)
  if (key === undefined) return { user, keyId: null, identity: user }
  return { user, keyId: key.id, identity: `${user}, key ${key.name ?? ''} (${key.id})` }
}

/** Throws `invalid` for a space that is not there. */
async function checkKibana(
  kibana: ElasticClient,
  { space }: ElasticSettings,
  signal: AbortSignal,
): Promise<string | null> {
  const gone = () => new AppError('invalid', `Kibana has no space ${space} for this credential.`)
  const what = 'the state of Kibana'
  const reply = await kibana.send({ path: '/api/status', what, accepts: [404], signal })
  if (reply.status === 404) throw gone()
  const { version } = readAs(status, reply.body, what)
  const its = 'the spaces of Kibana'
  const seen = await kibana.send({
    path: '/api/spaces/space',
    what: its,
    accepts: [403, 404],
    signal,
  })
  if (seen.status === 404) throw gone()
  const isThere =
    seen.status === 403 || readAs(spaces, seen.body, its).some(({ id }) => id === space)
  if (!isThere) throw gone()
  return version?.number ?? null
}

function versionsOf(own: string, kibana: string | null): string {
  return kibana === null || kibana === own ? own : `${own}, Kibana ${kibana}`
}

/** To the second, which is all that a Date header tells. */
function skewOf(date: string | readonly string[] | undefined, now: Instant): number | null {
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN
  if (Number.isNaN(theirs)) return null
  const skew = theirs - Math.floor(now / SECOND) * SECOND
  return Math.abs(skew) <= SECOND ? 0 : skew
}

/** null: it does not end, or the key may not look at itself. */
async function expiryOf(
  elasticsearch: ElasticClient,
  id: string,
  signal: AbortSignal,
): Promise<Instant | null> {
  const what = 'the end of the API key'
  const reply = await elasticsearch.send({
    path: '/_security/api_key',
    query: { id },
    what,
    accepts: [403, 404],
    signal,
  })
  if (reply.status >= 400) return null
  const key = readAs(apiKeys, reply.body, what).api_keys.find((one) => one.id === id)
  const at = key?.expiration ?? null
  return at === null || at <= 0 || at > INSTANT_MAX ? null : instant(at)
}
