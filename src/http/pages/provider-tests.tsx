// What a test of a provider found out, for the admin who ran it: each step, what came, and what would have
// happened. It changes nothing.

import { can } from '#domain/access/permission.ts'
import { testOf } from '#domain/identity/testing.ts'
import type { Come, Returned } from '#domain/identity/ways.ts'
import { forbidden, type AppError } from '#kernel/error.ts'
import { ProviderTestPage } from '#views/settings/provider-test-page.tsx'
import { workspaceCaller } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { gatePage } from '#http/respond.tsx'

export async function showTested(c: HttpContext, come: Come): Promise<Response> {
  const { caller, path } = adminOf(c, come)
  const { steps, claims } = await testOf(c.var.house, caller, come.provider, come.asserted)
  return show(c, come, path, { steps, claims })
}

export function showTestFailed(c: HttpContext, returned: Returned, error: AppError): Response {
  const { path } = adminOf(c, returned)
  const { why, advice } = error.details
  const text = typeof why === 'string' ? `${why}.` : error.message
  const told = typeof advice === 'string' ? advice : undefined
  const steps = [{ name: 'Answer', verdict: 'bad' as const, text, advice: told }]
  return show(c, returned, path, { steps, claims: undefined })
}

function adminOf(c: HttpContext, { provider, sessionId }: Returned) {
  const { session } = c.var
  const membership = session?.person.memberships.find(
    ({ workspaceId }) => workspaceId === provider.workspaceId,
  )
  if (!session || !membership || session.id !== sessionId) throw forbidden()
  const caller = workspaceCaller(c, session, membership.slug)
  if (!can(caller, 'provider.manage')) throw forbidden()
  return { caller, path: `/w/${membership.slug}/settings/single-sign-on/${provider.id}` }
}

function show(
  c: HttpContext,
  { provider }: Returned,
  path: string,
  found: Pick<Parameters<typeof ProviderTestPage>[0]['shown'], 'steps' | 'claims'>,
): Response {
  const shown = { name: provider.name, path, ...found }
  return gatePage(c, { title: `Test of ${provider.name}` }, <ProviderTestPage shown={shown} />)
}
