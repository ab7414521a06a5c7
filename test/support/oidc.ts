// A real OpenID provider on loopback, and a browser without a screen that goes to it and comes back.
// Whoever arrives there is the account that the test named; `bend` makes it hostile.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type Configuration } from 'oidc-provider'
import { addProvider } from '#domain/identity/actions.ts'
import { addDomain, decideDomain } from '#domain/identity/domains.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { systemCaller } from '#domain/access/system.ts'
import { makeId, type ProviderId } from '#kernel/id.ts'
import { instant } from '#kernel/time.ts'
import type { Lifetime, TestApp } from './start-app.ts'

export const CLIENT = { id: 'rulewright', secret: 'a-planted-secret-of-the-client' }

/** Changes an answer of the provider before it leaves; undefined lets it pass. */
type Bend = (
  request: IncomingMessage,
  response: ServerResponse,
  pass: () => void,
) => void | Promise<void>

export interface TestProvider {
  readonly issuer: string
  /** Paths that were asked for, in order. */
  readonly asked: string[]
  /** Who signs in there next, and what is said of them. */
  as: { sub: string; claims: Readonly<Record<string, unknown>> }
  bend: Bend | undefined
  /** Where the test's way back leads: set once the product has an id for it. */
  redirectUri: string
}

export async function startProvider(t: Lifetime, more: Configuration = {}): Promise<TestProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const state: TestProvider = {
    issuer,
    asked: [],
    as: { sub: 'sub-1', claims: {} },
    bend: undefined,
    redirectUri: '',
  }
  let provider: Provider | undefined
  server.on('request', (request, response) => {
    state.asked.push(new URL(request.url!, issuer).pathname)
    provider ??= makeProvider(state, more)
    const pass = () => serve(provider!, state, request, response)
    if (state.bend) void state.bend(request, response, pass)
    else pass()
  })
  return state
}

function makeProvider(state: TestProvider, more: Configuration): Provider {
  const provider = new Provider(state.issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [state.redirectUri, state.redirectUri.replace('127.0.0.1', 'localhost')],
        post_logout_redirect_uris: [new URL('/sign-in', state.redirectUri).href].flatMap((uri) => [
          uri,
          uri.replace('127.0.0.1', 'localhost'),
        ]),
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub', 'email', 'email_verified', 'name', 'groups', 'sid', 'hd'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['k'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...state.as.claims }),
    }),
    ...more,
  })
  return provider
}

function serve(
  provider: Provider,
  state: TestProvider,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const run = async () => {
    if (!request.url!.startsWith('/interaction/')) return provider.callback()(request, response)
    const details = await provider.interactionDetails(request, response)
    const grant = new provider.Grant({ accountId: state.as.sub, clientId: CLIENT.id })
    grant.addOIDCScope('openid email profile')
    const grantId = await grant.save()
    const result = { login: { accountId: state.as.sub, remember: false }, consent: { grantId } }
    await provider.interactionFinished(request, response, { ...details.result, ...result })
  }
  run().catch((error: unknown) => response.destroy(error as Error))
}

/** The provider in acme, with a confirmed domain where one is named, and its clock on the real time. */
export async function adoptProvider(
  app: TestApp,
  { issuer }: Pick<TestProvider, 'issuer'>,
  wish: { readonly domain?: string; readonly [more: string]: unknown } = {},
): Promise<ProviderId> {
  const { domain, ...more } = wish
  const { house, acme } = app
  app.clock.jumpTo(instant(Date.now()))
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const id = makeId('idp', caller.now, house.random(10))
  const input = NewProvider.parse({
    kind: 'oidc',
    name: 'Acme ID',
    settings: { issuer, clientId: CLIENT.id },
    clientSecret: CLIENT.secret,
    ...more,
  })
  await addProvider(house, caller, input, id)
  if (domain !== undefined) {
    await addDomain(house, caller, id, domain)
    await decideDomain(house, systemCaller(house, 'test'), { providerId: id, domain }, 'confirm')
  }
  return id
}

/** Cookies of one browser, by port and name: both names of this machine are one place. */
export class Browser {
  readonly #app: TestApp
  readonly #jars = new Map<string, Map<string, string>>()

  constructor(app: TestApp) {
    this.#app = app
  }

  get session(): string | undefined {
    return this.#jar(this.#app.url).get('session')
  }

  set session(value: string) {
    this.#jar(this.#app.url).set('session', value)
  }

  #jar(url: string): Map<string, string> {
    const { port } = new URL(url)
    const jar = this.#jars.get(port) ?? new Map<string, string>()
    this.#jars.set(port, jar)
    return jar
  }

  /** One request; a redirect is an answer. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.#app.url).href
    const jar = this.#jar(url)
    const headers = new Headers(init.headers)
    headers.set('Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    if (init.method === 'POST') headers.set('Sec-Fetch-Site', 'same-origin')
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
      if (/Max-Age=0|expires=Thu, 01 Jan 1970/i.test(set)) jar.delete(name!)
      else jar.set(name!, value!)
    }
    return answer
  }

  /**
   * Follows redirects until `stop` says so of an address, or a page comes. Providers have the clock of the
   * machine, so ours follows it, however long another file took meanwhile.
   */
  async go(
    path: string,
    stop: (url: URL) => boolean = () => false,
  ): Promise<Response & { at: URL }> {
    const { clock } = this.#app
    clock.jumpTo(instant(Math.max(clock.now(), Date.now())))
    let at = new URL(path, this.#app.url)
    for (let turns = 0; turns < 12; turns++) {
      if (stop(at)) return Object.assign(new Response(null), { at })
      const answer = await this.ask(at.href)
      const to = answer.headers.get('Location')
      if (to === null) return Object.assign(answer, { at })
      await answer.body?.cancel()
      at = new URL(to, at)
    }
    throw new Error(`${path} leads in circles`)
  }
}
