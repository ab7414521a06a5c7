// The ways to an identity provider and back. Their pages are loaded with the first reader. A way begins by
// GET, because a form that ends at another site is stopped by the browser; it changes nothing but the
// memory of having begun.

import { publicRoute, pageRoute, type Route } from '#http/routes.ts'
import type { HttpContext } from '#http/env.ts'
import type { SignInParts } from '#http/sign-in.ts'

const load = () => import('./sign-on.tsx')

export function signOnRoutes(parts: SignInParts): readonly Route[] {
  const { sessions } = parts
  const one = '/sign-in/with/:id'
  return [
    publicRoute('POST', '/sign-in/with', async (c: HttpContext) =>
      (await load()).chooseProvider(c),
    ),
    publicRoute('GET', one, async (c: HttpContext) => (await load()).beginSignIn(c)),
    publicRoute('GET', `${one}/callback`, async (c: HttpContext) =>
      (await load()).comeBack(c, sessions),
    ),
    // Of the provider itself, signed by it.
    publicRoute('POST', `${one}/logout`, async (c: HttpContext) => (await load()).endSessions(c), {
      takesForeignWrites: true,
    }),
    // The same, brought by a browser that the provider sends here; signed, and of use once.
    publicRoute('GET', `${one}/logout`, async (c: HttpContext) => (await load()).endByQuery(c)),
    pageRoute('GET', '/account/prove/with/:id', 'signed-in', async (c) =>
      (await load()).beginProof(c),
    ),
    pageRoute(
      'GET',
      '/account/connections/:id/begin',
      'signed-in',
      async (c) => (await load()).beginConnection(c),
      { needsProof: true },
    ),
    pageRoute('GET', '/account/connections', 'signed-in', async (c) =>
      (await load()).showConnections(c),
    ),
    pageRoute(
      'POST',
      '/account/connections/:id/end',
      'signed-in',
      async (c) => (await load()).endConnection(c),
      { needsProof: true },
    ),
  ]
}
