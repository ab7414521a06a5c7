// What the product can show today, on an instance of its own. Grows with the product.

import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import type { App, OpenedHouse, Estate } from '#cli/shell.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readBackups, requestBackup } from '#domain/backups/actions.ts'
import { releaseInstance } from '#domain/instance/actions.ts'
import { getJob } from '#domain/jobs/actions.ts'
import { addWorkspace, listWorkspaces } from '#domain/workspaces/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { rehearseEdit } from '#platform/audit/rehearse.ts'
import { restoreBackup } from '#platform/backup/restore.ts'
import { openBackup, verifyBackup } from '#platform/backup/verify.ts'
import type { Caller } from '#platform/caller.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { readMasterSecret } from '#platform/keys/master.ts'
import { followJob } from './follow-job.ts'
import { importForeign, moveRules } from './imports.ts'
import { inviteSomebody } from './invite.ts'
import { addRules, editAndRestore } from './rules.ts'
import {
  deploy,
  excludeTheNoise,
  letTheAttackCome,
  openFirstChange,
  seeImpact,
  signByTwo,
  type Opened,
  type Team,
} from './changes.ts'
import { findDrift, goBack, lookBack } from './after.ts'
import { pauseForAWhile } from './hotfix.ts'
import { turnReviewOn, type People } from './people.ts'
import { askTheSame } from './sandbox.ts'
import { signInTwice } from './sign-in.ts'
import { expect, refusal, type Step } from './story.ts'
import { readByToken } from './token.ts'

export interface DemoWorld {
  /** Absolute; the demonstration made it. */
  readonly data: string
  readonly start: () => Promise<App>
  readonly openAt: (data: string) => Promise<OpenedHouse>
  readonly startEstate: () => Promise<Estate>
  app?: App
  acme?: Workspace
  globex?: Workspace
  /** Absolute path of the backup file. */
  backup?: string
  estate?: Estate
  people?: People
  opened?: Opened
  deployedAt?: Instant
  /** The rule that all targets were asked. */
  asked?: RuleId
}

export const BEGINNING: readonly Step<DemoWorld>[] = [
  { title: 'make an instance and start it', run: makeInstance },
  { title: 'add the workspaces acme and globex', run: addWorkspaces },
]

export const STORY: readonly Step<DemoWorld>[] = [
  { title: 'find each change in the audit log', run: findEntries },
  { title: 'let nobody do what their role does not allow', run: refuseRoles },
  { title: 'invite somebody with a link that works once', run: letSomebodyIn },
  { title: 'sign in by password and a code', run: (world) => signInTwice(started(world)) },
  { title: 'read with a token, and no more than its scope', run: callByToken },
  { title: 'add the starter rules and run their tests', run: (world) => inAcme(world, addRules) },
  { title: 'break a rule, notice it, and go back', run: (world) => inAcme(world, editAndRestore) },
  {
    title: 'import files of other products, one of them broken',
    run: (world) => inAcme(world, importForeign),
  },
  { title: 'export all rules and import them elsewhere', run: exportAndImport },
  { title: 'ask for two signatures on every change', run: askForReview },
  { title: 'open a change for the local target', run: openChangeOfRules },
  {
    title: 'see what it would do before it does',
    run: (world) => seeImpact(team(world), opened(world)),
  },
  {
    title: 'sign it, by two who did not make it',
    run: (world) => signByTwo(team(world), opened(world).change),
  },
  { title: 'deploy it, and read back every rule', run: deployOpened },
  {
    title: 'let an attack come, and see it told',
    run: (world) => letTheAttackCome(team(world), opened(world).noisy),
  },
  {
    title: 'quiet the noisy rule, by a signed exclusion',
    run: (world) => excludeTheNoise(team(world), opened(world).noisy),
  },
  {
    title: 'pause a rule at once, and have it run again by itself',
    run: (world) => pauseForAWhile(team(world), opened(world).noisy),
  },
  {
    title: 'find what was changed behind our back, and put it back',
    run: (world) => findDrift(team(world)),
  },
  { title: 'roll a rule back to what was signed', run: (world) => goBack(team(world)) },
  { title: 'see what stood there before all that, and prove it', run: seeThen },
  { title: 'ask the same of SPL, Kusto and ES|QL', run: (world) => inAcme(world, askTheSame) },
  { title: 'run a job in the background and watch it', run: watchJob },
  { title: 'prove that backup by restoring it', run: proveBackup },
  { title: 'verify the whole audit log', run: verifyLog },
  { title: 'notice an edit made in the file itself', run: noticeEdit },
  { title: 'restore the backup elsewhere, where it comes up held', run: restoreElsewhere },
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

async function letSomebodyIn(world: DemoWorld): Promise<string> {
  expect(world.acme, 'there is a workspace to invite to')
  return inviteSomebody(started(world).house, world.acme)
}

async function inAcme(
  world: DemoWorld,
  run: (house: App['house'], acme: Workspace) => Promise<string>,
): Promise<string> {
  expect(world.acme, 'there is a workspace for rules')
  return run(started(world).house, world.acme)
}

async function askForReview(world: DemoWorld): Promise<string> {
  expect(world.acme, 'there is a workspace with rules')
  const { people, seen } = await turnReviewOn(started(world).house, world.acme)
  world.people = people
  return seen
}

async function openChangeOfRules(world: DemoWorld): Promise<string> {
  world.opened = await openFirstChange(team(world))
  return world.opened.seen
}

async function deployOpened(world: DemoWorld): Promise<string> {
  const { seen } = await deploy(team(world), opened(world).change)
  world.deployedAt = started(world).house.clock.now()
  return seen
}

async function seeThen(world: DemoWorld): Promise<string> {
  expect(world.deployedAt, 'a change was deployed')
  return lookBack(team(world), opened(world).noisy, world.deployedAt)
}

function team(world: DemoWorld): Team {
  const { acme, people } = world
  expect(acme && people, 'there are people who work together')
  return { house: started(world).house, acme, people }
}

function opened({ opened: change }: DemoWorld): Opened {
  expect(change, 'a change was opened')
  return change
}

async function exportAndImport(world: DemoWorld): Promise<string> {
  const { acme, globex } = world
  expect(acme && globex, 'there are two workspaces')
  return moveRules(started(world).house, acme, globex)
}

async function callByToken(world: DemoWorld): Promise<string> {
  expect(world.acme, 'there is a workspace to read')
  return readByToken(started(world).house, world.acme)
}

async function watchJob(world: DemoWorld): Promise<string> {
  const { house } = started(world)
  const caller = owner(world)
  const id = await requestBackup(house, caller)
  const { job, progress } = await followJob(house, caller, id)
  expect(job.state === 'succeeded', `the job succeeds (${job.reason ?? job.state})`)
  expect(progress.length > 0, 'the job says how far it is')
  const [backup] = await readBackups(house, caller)
  expect(backup && existsSync(backup.file), 'the backup is where the list says')
  world.backup = backup.file
  const outsider: Caller = { ...caller, scope: makeScope(world.globex?.id ?? '') }
  await refusal(() => getJob(house, outsider, id))
  return `“${job.title}”: ${progress.at(-1)}; from another workspace it cannot be seen`
}

async function proveBackup(world: DemoWorld): Promise<string> {
  const { file, secrets, scratch } = backupParts(world)
  const derived = await openBackup(file, secrets)
  const { header, auditSize } = await verifyBackup(file, scratch, derived)
  expect(!readFileSync(file).includes(secrets[0]!), 'the backup does not hold the master secret')
  return `encrypted, ${header.databaseBytes} bytes of database, ${auditSize} audit entries, sound`
}

async function restoreElsewhere(world: DemoWorld): Promise<string> {
  const { file, secrets } = backupParts(world)
  const { house } = started(world)
  const directory = describeDataDirectory(path.join(world.data, 'restored'))
  await restoreBackup({
    file,
    secrets,
    directory,
    anchorDir: path.join(directory.path, 'anchors'),
    directorySecret: undefined,
    caller: owner(world),
    clock: house.clock,
    random: house.random,
  })
  const { house: restored, close } = await world.openAt(directory.path)
  try {
    const { hold } = restored.keys
    expect(hold, 'it comes up held')
    const verdict = await restored.audit.verify()
    expect(verdict.ok, 'its audit log is intact, the restore included')
    const caller = systemCaller(restored, 'demo')
    await releaseInstance(restored, caller)
    expect(restored.keys.hold === undefined, 'its owner can release it')
    return `${hold.reason}; released by its owner`
  } finally {
    await close()
    rmSync(directory.path, { recursive: true, force: true })
  }
}

function backupParts({ data, backup }: DemoWorld) {
  expect(backup, 'there is a backup')
  const secret = readMasterSecret(describeDataDirectory(data).masterSecret)
  return { file: backup, secrets: [secret], scratch: path.join(data, 'prove.tmp') }
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
