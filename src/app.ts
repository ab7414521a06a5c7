// The wiring: settings, data directory and its lock, database, keys, audit, events and jobs,
// domains, HTTP; stopped in reverse. The only file, with main.ts, that knows everything.

import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { App, OpenedHouse, OpenOptions, Estate } from '#cli/shell.ts'
import { openSandbox, type SandboxParts } from '#adapters/siem/local/sandbox.ts'
import { smtpMailer } from '#adapters/mail/smtp.ts'
import { openSiem } from '#adapters/siem/open.ts'
import { openIdentity } from '#adapters/identity/open.ts'
import { runInHouse } from '#cli/run.ts'
import { systemCaller } from '#domain/access/system.ts'
import { scheduleDriftSweeps, sweepDriftJob } from '#domain/deployments/drift-jobs.ts'
import { tendChangesJob } from '#domain/changes/jobs.ts'
import { watchInputs } from '#domain/changes/watch.ts'
import { scheduleAuditChecks, verifyAuditJob } from '#domain/audit/jobs.ts'
import { backupJob, scheduleBackups } from '#domain/backups/jobs.ts'
import { endSoakJob, runDeploymentJob } from '#domain/deployments/jobs.ts'
import { BUDGET } from '#domain/deployments/port.ts'
import { importEventsJob } from '#domain/events/import-job.ts'
import { scheduleSandboxes, tendSandboxesJob } from '#domain/events/jobs.ts'
import { EVENT_STORE } from '#domain/events/port.ts'
import { checkDatabaseJob, scheduleDatabaseChecks } from '#domain/instance/jobs.ts'
import {
  backfillJob,
  countHiddenJob,
  proposePausesJob,
  scheduleHealth,
  takeSamplesJob,
  tendHealthJob,
} from '#domain/health/jobs.ts'
import { sendMailJob, sendNoticeJob } from '#domain/messages/jobs.ts'
import { addFirstWorkspace } from '#domain/workspaces/actions.ts'
import { IDENTITY } from '#domain/identity/port.ts'
import { FURNISH } from '#domain/workspaces/furnish.ts'
import { adoptRulesJob, pullTargetJob, releaseRulesJob } from '#domain/adoption/jobs.ts'
import { AFTER_PULL, AFTER_UNREAD } from '#domain/adoption/after-pull.ts'
import { LEAVE } from '#domain/targets/leaving.ts'
import { CLIENTS, TargetClients } from '#domain/targets/clients.ts'
import { checkTargetJob } from '#domain/targets/jobs.ts'
import { addLocalTarget } from '#domain/targets/actions.ts'
import { PLACE_CHANGED } from '#domain/targets/places.ts'
import { SIEMS, type OpenSiem } from '#domain/targets/port.ts'
import { runBacktestJob, stopBacktestJob } from '#domain/changes/backtest-jobs.ts'
import { NOISE_BUDGETS } from '#domain/changes/impact-budgets.ts'
import { endHotfixJob } from '#domain/deployments/hotfix-jobs.ts'
import { switchJob } from '#domain/deployments/switch-jobs.ts'
import { importJob } from '#domain/rules/imports/jobs.ts'
import { applyExclusionsJob, endExclusionsJob } from '#domain/rules/exclusions/jobs.ts'
import { bulkEditJob } from '#domain/rules/bulk/jobs.ts'
import { previewMappingJob, surveyMappingJob } from '#domain/rules/mappings/jobs.ts'
import { markPlace } from '#domain/rules/renders/place-changed.ts'
import { recompileJob, renderWaitingJob } from '#domain/rules/renders/jobs.ts'
import { testRulesJob } from '#domain/rules/testing/run-many.ts'
import { applyUpstreamJob, planUpstreamJob } from '#domain/rules/upstreams/jobs.ts'
import {
  pruneEvidenceJob,
  runSavedSearchJob,
  runSegmentJob,
  scheduleEvidencePruning,
} from '#domain/searches/jobs.ts'
import { resealJob } from '#domain/workspaces/jobs.ts'
import { watchSuspended } from '#domain/workspaces/suspended.ts'
import { openDoor } from '#http/door.ts'
import { describeProduct, type Face } from '#http/face.ts'
import { Signals } from '#http/signals.ts'
import { readStaticFiles, StaticFiles } from '#http/static.ts'
import { SECOND, type Clock } from '#kernel/time.ts'
import { openAuditLog, type AuditLog } from '#platform/audit/audit-log.ts'
import { beginLog } from '#platform/audit/log.ts'
import { assertTail } from '#platform/audit/verify.ts'
import { removeLeftovers } from '#platform/backup/leftovers.ts'
import { systemClock } from '#platform/clock.ts'
import { openClockMark } from '#platform/clock-mark.ts'
import type { Configuration, SecretSource } from '#platform/config/load.ts'
import {
  MAIL_PASSWORD,
  MASTER_SECRET,
  METRICS_TOKEN,
  openSecrets,
} from '#platform/config/open-secrets.ts'
import type { Secrets } from '#platform/config/secret.ts'
import { listenForCommands } from '#platform/control.ts'
import { describeDataDirectory, makeDataDirectory } from '#platform/data-directory.ts'
import { openDatabase } from '#platform/db/database.ts'
import { embedded } from '#platform/embedded.ts'
import { createEventBus } from '#platform/events.ts'
import { EvidenceFile } from '#platform/evidence/evidence-file.ts'
import type { House } from '#platform/house.ts'
import { Bell } from '#platform/jobs/bell.ts'
import { jobDefinitions } from '#platform/jobs/define.ts'
import { createQueue } from '#platform/jobs/queue.ts'
import { JobRunner } from '#platform/jobs/runner.ts'
import { nextSecretFile } from '#platform/keys/master.ts'
import { Ports } from '#platform/ports.ts'
import { openKeyRing } from '#platform/keys/open.ts'
import { sealWorkspaceRows } from '#platform/keys/row-seal.ts'
import type { KeyRing } from '#platform/keys/ring.ts'
import { createLog } from '#platform/log.ts'
import type { Metrics } from '#platform/metrics.ts'
import { VERSION } from '#platform/version.ts'
import { Workers } from '#platform/worker.ts'

/** False in a release; from source nothing defines it. */
declare const RULEWRIGHT_DEV: boolean

/** Every kind of job. */
export const JOBS = [
  adoptRulesJob,
  releaseRulesJob,
  pullTargetJob,
  applyExclusionsJob,
  backupJob,
  checkDatabaseJob,
  bulkEditJob,
  runBacktestJob,
  stopBacktestJob,
  endHotfixJob,
  switchJob,
  endExclusionsJob,
  tendChangesJob,
  checkTargetJob,
  runDeploymentJob,
  endSoakJob,
  importEventsJob,
  importJob,
  previewMappingJob,
  surveyMappingJob,
  pruneEvidenceJob,
  recompileJob,
  renderWaitingJob,
  resealJob,
  runSegmentJob,
  runSavedSearchJob,
  sendMailJob,
  sendNoticeJob,
  backfillJob,
  countHiddenJob,
  proposePausesJob,
  takeSamplesJob,
  tendHealthJob,
  sweepDriftJob,
  tendSandboxesJob,
  testRulesJob,
  planUpstreamJob,
  applyUpstreamJob,
  verifyAuditJob,
]

const DEFINITIONS = jobDefinitions(JOBS)

/** What is left of the 25 s that a stop may take goes to closing the database. */
const DRAIN_MS = 20 * SECOND

export interface StartOptions extends OpenOptions {
  /** What tests replace: time, randomness and what stands outside. */
  readonly clock?: Clock
  readonly random?: (bytes: number) => Buffer
  readonly openSiem?: OpenSiem
}

/** Throws `busy` when another process serves the data directory. */
export async function startApp(options: StartOptions): Promise<App> {
  const { settings, dataDir } = options.configuration
  const stack = new AsyncDisposableStack()
  try {
    const { house, bell, secrets, close } = await openHouse(options)
    stack.defer(close)
    const clockMark = await openClockMark({ ...house, caller: () => systemCaller(house, 'clock') })
    stack.defer(() => clockMark.stop())
    const suspended = await watchSuspended(house, systemCaller(house, 'start'), () => runner.wake())
    stack.defer(suspended.stop)
    stack.defer(watchInputs(house))
    const runner: JobRunner = new JobRunner(house, {
      definitions: DEFINITIONS,
      bell,
      isHeld: () => house.keys.hold !== undefined,
      isSuspended: suspended.has,
      ...settings.jobs,
    })
    stack.defer(() => runner.stop(DRAIN_MS))
    await scheduleAuditChecks(house, systemCaller(house, 'start'))
    await scheduleDatabaseChecks(house, systemCaller(house, 'start'))
    await scheduleBackups(house, systemCaller(house, 'start'))
    await scheduleSandboxes(house, systemCaller(house, 'start'))
    await scheduleDriftSweeps(house, systemCaller(house, 'start'))
    await scheduleEvidencePruning(house, systemCaller(house, 'start'))
    await scheduleHealth(house, systemCaller(house, 'start'))
    await runner.start()
    const control = await listenForCommands(describeDataDirectory(dataDir).socket, (request, io) =>
      runInHouse(request.argv, { ...io, ...request, env: {}, onHangUp: () => {} }, house),
    )
    stack.defer(control.close)
    const face = await openFace(options.configuration, house)
    stack.defer(() => face.signals.close())
    const door = await openDoor({
      house,
      settings,
      face,
      clockMark,
      readiness: [
        () => (house.db.isReadOnly ? 'the database takes no writes' : undefined),
        () => (house.audit.broken ? 'the audit log is broken' : undefined),
        () => (runner.isRunning ? undefined : 'jobs do not run'),
      ],
      metricsToken: () => secrets.current(METRICS_TOKEN),
      measure: (metrics) => measureParts(metrics, house, runner),
      isDevelopment: options.isDevelopment ?? false,
      drainMs: DRAIN_MS,
    })
    // Together: a page under way and a job share the same seconds.
    stack.defer(async () => {
      await Promise.all([door.stop(), runner.stop(DRAIN_MS)])
    })
    const { url, sessions, signInLink, claimLink } = door
    const stop = () => stack.disposeAsync()
    return { url, house, runner, sessions, signInLink, claimLink, secrets, stop }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

function measureParts(metrics: Metrics, house: House, runner: JobRunner): void {
  metrics.gauge('rulewright_jobs_running', 'Jobs that run now.', () => runner.runningCount)
  metrics.gauge('rulewright_database_writable', '1 while the database takes writes.', () =>
    house.db.isReadOnly ? 0 : 1,
  )
  metrics.gauge('rulewright_audit_intact', '0 once the audit log contradicts itself.', () =>
    house.audit.broken ? 0 : 1,
  )
}

/** The SIEMs of the demonstration, in a thread. */
export async function startEstate(): Promise<Estate> {
  const thread = embedded.worker('estate')
  const targets = await new Promise<Estate['targets']>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`the SIEMs ended at their start (${code})`)))
  })
  return {
    targets,
    writes: () =>
      new Promise((resolve) => {
        thread.once('message', resolve)
        thread.postMessage('writes')
      }),
    async stop() {
      await thread.terminate()
    },
  }
}

/** Opens everything below HTTP; makes the instance when the data directory holds none. */
export async function openHouse(options: StartOptions): Promise<OpenedHouse & { bell: Bell }> {
  const { dataDir, settings } = options.configuration
  const clock = options.clock ?? systemClock
  const { level } = settings.log
  const opened: { trust?: Trust; secrets?: Secrets } = {}
  const log = createLog({
    level: options.isQuiet && level !== 'error' ? 'warn' : level,
    clock,
    secrets: () => opened.secrets?.texts() ?? [],
  })
  const directory = describeDataDirectory(dataDir)
  makeDataDirectory(directory)
  const stack = new AsyncDisposableStack()
  try {
    const db = await openDatabase(dataDir, {
      now: () => clock.now(),
      report: (event, cause) => log.warn({ event, err: cause }, 'the database reports'),
      *verify() {
        if (opened.trust) yield* assertTail(opened.trust.keys.audit)
      },
    })
    stack.defer(() => db.close())
    removeLeftovers(dataDir)
    const random = options.random ?? randomBytes
    const parts = { db, clock, random, log }
    const { keys, audit } = (opened.trust = await openTrust(parts, options))
    stack.defer(() => audit.stop())
    const secrets = openSecrets(options.configuration, masterSecret(options.configuration), log)
    opened.secrets = secrets
    stack.defer(() => secrets.close())
    const events = createEventBus((cause) => log.error({ err: cause }, 'a listener threw'))
    const bell = new Bell()
    const jobs = createQueue({ db, events, random, definitions: DEFINITIONS, bell })
    const mailer = smtpMailer(settings.mail, () => secrets.current(MAIL_PASSWORD)?.toString('utf8'))
    const clients = new TargetClients({ clock, random, log, allow: settings.outbound.allow })
    stack.defer(() => clients.close())
    const identity = openIdentity({ clock, random, log, allow: settings.outbound.allow })
    stack.defer(() => identity.close())
    const evidence = new EvidenceFile(directory.evidence)
    stack.defer(() => evidence.close())
    const workers = new Workers(settings.jobs.workers)
    stack.defer(() => workers.close())
    const house: House = {
      settings,
      clock,
      random,
      log,
      directory,
      db,
      keys,
      evidence,
      audit,
      events,
      jobs,
      mailer,
      ports: joinDomains(
        openPorts(options, { workers, dataDir, now: () => clock.now() })
          .provide(CLIENTS, clients)
          .provide(IDENTITY, identity.open),
      ),
      workers,
    }
    await sealWorkspaceRows(house, systemCaller(house, 'start'))
    await addFirstWorkspace(house, systemCaller(house, 'start'))
    return { house, bell, secrets, close: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** What a domain asks of one that comes after it. */
function joinDomains(ports: Ports): Ports {
  const loadBudgets = () => import('#domain/health/budgets.ts')
  return ports
    .provide(PLACE_CHANGED, markPlace)
    .provide(NOISE_BUDGETS, async (...asked) => (await loadBudgets()).budgetFor(...asked))
    .provide(FURNISH, addLocalTarget)
    .provide(BUDGET, async () => (await loadBudgets()).budgetPerDay)
    .provide(AFTER_PULL, loadJudging)
    .provide(AFTER_UNREAD, loadLosing)
    .provide(LEAVE, loadReleasing)
}

const loadJudging = async () => (await import('#domain/deployments/drift-judging.ts')).judgeTarget
const loadLosing = async () => (await import('#domain/deployments/drift-losing.ts')).loseTarget
const loadReleasing = async () => (await import('#domain/adoption/releasing.ts')).releaseTarget

function openPorts({ openSiem: given }: StartOptions, parts: SandboxParts): Ports {
  const sandbox = openSandbox(parts)
  const open: OpenSiem = (connection) => openSiem(connection, sandbox.open)
  return new Ports().provide(SIEMS, given ?? open).provide(EVENT_STORE, sandbox.events)
}

function masterSecret({ dataDir, secretSource }: Configuration): SecretSource {
  const { masterSecret: usual } = describeDataDirectory(dataDir)
  return secretSource(MASTER_SECRET) ?? { kind: 'file', path: usual, isGuarded: false }
}

interface Trust {
  readonly keys: KeyRing
  readonly audit: AuditLog
}

// A new instance gets its keys, its log and the log's first entry in one transaction.
async function openTrust(
  parts: Pick<House, 'db' | 'clock' | 'random' | 'log'>,
  { configuration, acceptAuditFork }: StartOptions,
): Promise<Trust> {
  const { dataDir, settings } = configuration
  const secret = masterSecret(configuration)
  const keys = await openKeyRing(parts, {
    secret,
    otherSecretFiles: secret.kind === 'file' ? [nextSecretFile(secret.path)] : [],
    onCreate: (tx, opened) => beginLog(tx, opened.audit, systemCaller(parts, 'start')),
  })
  const anchorDir = path.resolve(dataDir, settings.audit.anchorDir)
  const acceptFork = acceptAuditFork ? systemCaller(parts, 'start') : undefined
  const audit = await openAuditLog(
    { ...parts, keys, anchorDir },
    { ...(acceptFork && { acceptFork }) },
  )
  keys.onTampered = (scope, { table, row, column }) => {
    const caller = systemCaller(parts, 'keys', undefined, scope.workspaceId)
    const refusal = { verb: 'secret.open', target: row, code: 'conflict', data: { table, column } }
    audit
      .recordRefusal(caller, refusal)
      .catch((err: unknown) =>
        parts.log.error({ err }, 'a value that did not open was not recorded'),
      )
  }
  return { keys, audit }
}

// From source the static files are built in memory; a release carries them and no builder.
async function openFace(configuration: Configuration, house: House): Promise<Face> {
  const files =
    typeof RULEWRIGHT_DEV === 'undefined'
      ? await (await import('./packaging/static.ts')).buildStaticFiles()
      : readStaticFiles(embedded)
  return {
    statics: new StaticFiles(files),
    signals: new Signals(house),
    about: describeProduct(configuration, VERSION),
  }
}
