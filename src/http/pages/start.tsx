// `/`: a start page for a stranger, the way home for somebody signed in. And the way out.

import { StartPage } from '#views/shell/start-page.tsx'
import { clearCookie } from '#http/cookie.ts'
import type { HttpContext } from '#http/env.ts'
import { gatePage, goTo } from '#http/respond.tsx'
import { pageRoute, publicRoute, type Route } from '#http/routes.ts'
import { visitorCaller } from '#http/caller.ts'
import { homeOf } from '#http/home.ts'
import type { Sessions } from '#domain/access/sessions.ts'

export function startRoutes(sessions: Sessions, devSignIn: string | null): readonly Route[] {
  return [
    publicRoute('GET', '/', (c) => showStart(c, devSignIn)),
    pageRoute('POST', '/sign-out', 'signed-in', (c) => signOut(c, sessions)),
  ]
}

function showStart(c: HttpContext, devSignIn: string | null): Response {
  if (c.var.session) return goTo(c, homeOf(c.var.session.person))
  const { host } = new URL(c.req.url)
  const foot = `Rulewright ${c.var.face.about.version}, on your own server.`
  return gatePage(c, { title: 'Start', foot }, <StartPage host={host} devSignIn={devSignIn} />)
}

async function signOut(c: HttpContext, sessions: Sessions): Promise<Response> {
  const session = c.var.session!
  const self = visitorCaller(c, session.userId)
  await sessions.revoke(self, session)
  clearCookie(c, 'session')
  if (session.providerId === null) return goTo(c, '/')
  const { showSignedOut } = await import('./sign-on.tsx')
  return showSignedOut(c, self, session)
}
