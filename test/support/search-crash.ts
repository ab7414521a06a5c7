// The product over a data directory, asking one question of every target there is until it is killed.
// argv: folder. For tests of what a restart makes of searches.

import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { systemCaller } from '#domain/access/system.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { startApp } from '#src/app.ts'
import { testConfiguration } from './configuration.ts'

export function openCrashApp(folder: string) {
  const env = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' }
  return startApp({ configuration: testConfiguration(folder, env) })
}

export const callerIn = (house: House, workspaceId: string): Caller =>
  systemCaller(house, 'test', undefined, workspaceId)

/** A workspace with these targets. */
export async function prepareCrash(
  folder: string,
  urls: Readonly<Record<'splunk' | 'opensearch', string>>,
): Promise<WorkspaceId> {
  const { house, stop } = await openCrashApp(folder)
  const { id } = await addWorkspace(house, systemCaller(house, 'test'), { slug: 'acme', name: 'A' })
  for (const kind of ['splunk', 'opensearch'] as const) {
    const wish = NewTarget.parse({ name: kind, kind, settings: { url: urls[kind] } })
    const { target } = await addTarget(house, callerIn(house, id), wish)
    const credential = { kind: 'basic', user: 'reader', password: 'reader' } as const
    await setCredential(house, callerIn(house, id), target.id, { purpose: 'read', credential })
  }
  await stop()
  return id
}

export const QUESTION = `title: Whoami
logsource: {category: process_creation, product: windows}
detection: {sel: {CommandLine|contains: whoami}, condition: sel}
`

async function live(folder: string, workspaceId: string): Promise<void> {
  const { house } = await openCrashApp(folder)
  const caller = callerIn(house, workspaceId)
  const { items } = await listTargets(house, caller, { limit: 10 })
  const range = { from: caller.now - HOUR, to: caller.now }
  const targetIds = items
    .filter(({ target }) => target.kind !== 'local')
    .map(({ target }) => target.id)
  const question = { language: 'sigma', text: QUESTION }
  await startSearch(house, caller, SearchInput.parse({ question, targetIds, ...range }))
  process.stdout.write('asked\n')
}

const [folder, workspaceId] = process.argv.slice(2)
if (import.meta.main) await live(folder!, workspaceId!)
