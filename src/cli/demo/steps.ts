// What the product can show today, on an instance of its own. Grows with the product.

import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { App } from '#cli/shell.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace, listWorkspaces } from '#domain/workspaces/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { rehearseEdit } from '#platform/audit/rehearse.ts'
import type { Caller } from '#platform/caller.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { expect, refusal, type Step } from './story.ts'

export interface DemoWorld {
  /** Absolute; the demonstration made it. */
  readonly data: string
  readonly start: () => Promise<App>
  app?: App
  acme?: Workspace
  globex?: Workspace
}

export const STEPS: readonly Step<DemoWorld>[] = [
  { title: 'make an instance and start it', run: makeInstance },
  { title: 'add the workspaces acme and globex', run: addWorkspaces },
  { title: 'find each change in the audit log', run: findEntries },
  { title: 'let nobody do what their role does not allow', run: refuseRoles },
  { title: 'verify the whole audit log', run: verifyLog },
  { title: 'notice an edit made in the file itself', run: noticeEdit },
]

async function makeInstance(world: DemoWorld): Promise<string> {
  const app = await world.start()
  world.app = app
  const { database, masterSecret } = describeDataDirectory(world.data)
  expect(existsSync(database), 'the database is in the data directory')
  expect((statSync(masterSecret).mode & 0o777) === 0o600, 'only its owner can read the secret')
  return `install ${app.house.keys.installId.slice(0, 8)}, listening on ${app.url}`
}

async function addWorkspaces(world: DemoWorld): Promise<string> {
  const { house } = started(world)
  const caller = owner(world)
  world.acme = await addWorkspace(house, caller, { slug: 'acme', name: 'Acme' })
  world.globex = await addWorkspace(house, caller, { slug: 'globex', name: 'Globex' })
  const all = await listWorkspaces(house, caller)
  return `there are ${all.map(({ name }) => name).join(', ')}`
}

async function findEntries(world: DemoWorld): Promise<string> {
  const filter = { action: 'workspace.add' }
  const { items } = await readAudit(started(world).house, owner(world), filter, { limit: 10 })
  const targets = items.map(({ target }) => target)
  expect(
    [world.acme, world.globex].every((one) => one && targets.includes(one.id)),
    'both workspaces are in the log',
  )
  return `${items.length} entries of workspace.add, committed with what they record`
}

async function refuseRoles(world: DemoWorld): Promise<string> {
  const { house } = started(world)
  const engineer: Caller = { ...owner(world), verbs: verbsOf('engineer') }
  const add = { slug: 'umbrella', name: 'Umbrella' }
  const words = await refusal(() => addWorkspace(house, engineer, add))
  const all = await listWorkspaces(house, owner(world))
  expect(!all.some(({ slug }) => slug === add.slug), 'nothing was added')
  return `an engineer adds a workspace: “${words}”`
}

async function verifyLog(world: DemoWorld): Promise<string> {
  const verdict = await started(world).house.audit.verify()
  expect(verdict.ok, 'the log is intact')
  return `${verdict.size} entries, each chained to the one before, under a signed checkpoint`
}

async function noticeEdit(world: DemoWorld): Promise<string> {
  const { database } = describeDataDirectory(world.data)
  const { keys } = started(world).house
  const { before, edited, after } = await rehearseEdit(database, path.dirname(database), keys.audit)
  expect(before.ok, 'the copy is intact before the edit')
  expect(!after.ok && after.seq === edited, 'the edited entry is named')
  return `in a copy, entry ${edited} was changed: ${after.message}`
}

function started({ app }: DemoWorld): App {
  expect(app, 'the instance was started')
  return app
}

function owner(world: DemoWorld): Caller {
  return systemCaller(started(world).house, 'demo')
}
