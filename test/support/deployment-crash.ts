// The product over a data directory, deploying its rules again and again until it is killed. argv: folder,
// workspace, rules. For tests of what a restart makes of deployments.

import { listPlacements } from '#domain/placements/actions.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { systemCaller } from '#domain/access/system.ts'
import { beginDeployment } from '#domain/deployments/begin.ts'
import type { ItemWish } from '#domain/deployments/item.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import { ID_PREFIXES, makeId, type ChangeId, type RuleId, type WorkspaceId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp } from '#src/app.ts'
import { testConfiguration } from './configuration.ts'
import { deployingIn } from './deploying.ts'

export const KINDS = ['splunk', 'opensearch'] as const
const RULES = 3

export function openCrashApp(folder: string) {
  const env = { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' }
  return startApp({ configuration: testConfiguration(folder, env) })
}

export const callerIn = (house: House, workspaceId: string) =>
  systemCaller(house, 'test', undefined, workspaceId)

/** A workspace with rules and these targets, which may be written. */
export async function prepareCrash(
  folder: string,
  urls: Readonly<Record<(typeof KINDS)[number], string>>,
): Promise<{ readonly workspaceId: WorkspaceId; readonly ruleIds: readonly RuleId[] }> {
  const app = await openCrashApp(folder)
  const { house, stop } = app
  const { id } = await addWorkspace(house, systemCaller(house, 'test'), { slug: 'acme', name: 'A' })
  const caller = () => callerIn(house, id)
  for (const kind of KINDS) {
    const settings = { url: urls[kind] }
    const wish = NewTarget.parse({ name: kind, kind, settings, mode: 'read_write' })
    const { target } = await addTarget(house, caller(), wish)
    for (const purpose of ['read', 'write'] as const) {
      const user = purpose === 'read' ? 'reader' : 'writer'
      const credential = { kind: 'basic', user, password: user } as const
      await setCredential(house, caller(), target.id, { purpose, credential })
      await nextTurn()
    }
  }
  const { rule } = deployingIn({ ...app, acme: { id } })
  const ruleIds: RuleId[] = []
  for (let number = 1; number <= RULES; number++) ruleIds.push(await rule(number))
  await stop()
  return { workspaceId: id, ruleIds }
}

async function live(
  folder: string,
  workspaceId: string,
  ruleIds: readonly RuleId[],
): Promise<void> {
  const app = await openCrashApp(folder)
  const { house } = app
  const caller = () => callerIn(house, workspaceId)
  const { rule, wish } = deployingIn({ ...app, acme: { id: workspaceId } })
  await nextTurn()
  const { items: targets } = await listTargets(house, caller(), { limit: 10 })
  const wishes: ItemWish[] = []
  for (const [at, id] of ruleIds.entries()) {
    await rule(at + 1, `description: as of ${Date.now()}`, id)
    const standing = await listPlacements(house, caller(), { ruleIds: [id] })
    for (const { target } of targets.filter((one) => one.target.kind !== 'local')) {
      const found = standing.find(({ targetId }) => targetId === target.id)
      const more = found && { ref: found.ref, replaces: found.hash }
      wishes.push(await wish(target, id, found ? 'change' : 'add', more))
    }
  }
  await nextTurn()
  await house.db.write(caller(), (tx) => {
    const id = makeId(ID_PREFIXES.deployment, caller().now, house.random(10))
    const change = { id: `chg_${id.slice(4)}` as ChangeId, title: 'a change', hash: 'x' }
    return beginDeployment(tx, house, caller(), { id, change, items: wishes })
  })
  process.stdout.write('begun\n')
}

const [folder, workspaceId, ruleIds] = process.argv.slice(2)
if (import.meta.main) await live(folder!, workspaceId!, ruleIds!.split(',') as RuleId[])
