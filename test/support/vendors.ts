// An app with a target of each vendor that may be written: stand-ins that run on its clock, and what they
// hold within reach, for tests that change it behind the product's back.

import { systemCaller } from '#domain/access/system.ts'
import { openChange } from '#domain/changes/actions.ts'
import type { ChangeAction } from '#domain/changes/change.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import type { DriftField } from '#domain/deployments/drift.ts'
import { getDrift, listDrift, scanDrift } from '#domain/deployments/drift-actions.ts'
import { getDeployment, type DeploymentWhole } from '#domain/deployments/reading.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import type { Credential } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { DeploymentId, RuleId } from '#kernel/id.ts'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { starterRules } from '#src/starter/starter.ts'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { makeStack } from '#standins/elastic/stack.ts'
import { serveArm } from '#standins/microsoft/arm.ts'
import { makeDirectory, registrationOf } from '#standins/microsoft/directory.ts'
import { makeTenant } from '#standins/microsoft/graph-tenant.ts'
import { graphService } from '#standins/microsoft/graph.ts'
import { serveLogAnalytics } from '#standins/microsoft/log-analytics.ts'
import { microsoftAnswers } from '#standins/microsoft/microsoft.ts'
import { makeWorkspace, SENTINEL_CONTRIBUTOR } from '#standins/microsoft/workspace.ts'
import { makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin, type Answerer, type Standin } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeCertificate } from './certificate.ts'
import type { FakeClock } from './clock.ts'
import { ALL_ROLES } from './defender.ts'
import { keyOf } from './elastic.ts'
import { CLIENT_ID, SECRET, VALID } from './microsoft.ts'
import { startApp, type Lifetime, type TestApp } from './start-app.ts'

/** What the stand-ins hold. */
export type Held = ReturnType<typeof makeHeld>

export const VENDORS = ['splunk', 'sentinel', 'defender', 'elastic', 'opensearch'] as const
export type Vendor = (typeof VENDORS)[number]

type Listening = 'splunk' | 'microsoft' | 'elastic' | 'kibana' | 'opensearch'

export interface VendorWorld {
  readonly app: TestApp
  readonly admin: () => Caller
  readonly held: Held
  readonly targets: Readonly<Record<Vendor, Target>>
  /** To make them fail; Sentinel and Defender are one. */
  readonly standins: Readonly<Record<Listening, Standin>>
  /** A new rule, or the next version of one. */
  readonly keep: (text: string, id?: RuleId) => Promise<RuleId>
  /** By a change of its own, to its end. */
  readonly deploy: (
    ruleId: RuleId,
    vendors: readonly Vendor[],
    action?: ChangeAction,
  ) => Promise<DeploymentWhole>
  readonly ended: (id: DeploymentId) => Promise<DeploymentWhole>
  /** What is found there now that is not as it is to be. */
  readonly scan: (vendor?: Vendor) => Promise<ReadonlyMap<Vendor, readonly DriftField[]>>
}

export async function vendorWorld(t: Lifetime): Promise<VendorWorld> {
  const app = await startApp(t, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  const { house } = app
  const admin = () => systemCaller(house, 'test', undefined, app.acme.id)
  const held = makeHeld(app.clock)
  const { targets, standins } = await addTargets(t, app, admin, held)
  const ended = async (id: DeploymentId) => {
    await app.runner.drain()
    await nextTurn()
    return getDeployment(house, admin(), id)
  }
  return {
    app,
    admin,
    held,
    targets,
    standins,
    ended,
    async keep(text, id) {
      const kept =
        id === undefined
          ? await createRule(house, admin(), { text, reason: '', origin: 'written' })
          : await saveRule(house, admin(), id, { text, reason: '', expected: 'any' })
      await nextTurn()
      return kept.rule.id
    },
    async deploy(ruleId, vendors, action) {
      app.clock.advance(MINUTE)
      const items = vendors.map((vendor) => ({
        ruleId,
        targetId: targets[vendor].id,
        ...(action && { action }),
      }))
      const wish = { title: action ?? 'write', why: 'A test', origin: 'rules', items } as const
      const { id } = await openChange(house, admin(), wish)
      await nextTurn()
      return ended((await deployChange(house, admin(), id)).id)
    },
    async scan(vendor) {
      app.clock.advance(MINUTE)
      await scanDrift(house, admin(), vendor ? { targetId: targets[vendor].id } : {})
      await app.runner.drain()
      await nextTurn()
      const wanted = { filter: { state: 'found' as const }, limit: 50 }
      const { items } = await listDrift(house, admin(), wanted)
      const found = new Map<Vendor, readonly DriftField[]>()
      for (const { id, targetKind } of items) {
        found.set(targetKind as Vendor, (await getDrift(house, admin(), id)).fields)
      }
      return found
    },
  }
}

function makeHeld(clock: FakeClock) {
  const sentinel = makeWorkspace({ clock })
  sentinel.assignments.set(CLIENT_ID, SENTINEL_CONTRIBUTOR)
  sentinel.tables.set('WindowsEvent', [])
  return {
    splunk: makeEstate({ clock, savedSearches: [] }),
    sentinel,
    defender: makeTenant({ clock }),
    elastic: makeStack({ clock }),
    opensearch: makeCluster({ clock }),
  }
}

/** One each, as a SIEM holds other sources than its neighbour. */
const RULES = {
  splunk: 'windows/certutil-downloads-a-file.yml',
  sentinel: 'windows/whoami-as-system.yml',
  defender: 'windows/mshta-runs-remote-code.yml',
  elastic: 'windows/shadow-copies-deleted.yml',
  opensearch: 'windows/office-starts-a-script-host.yml',
} as const
/** Splunk and Defender take entities of their own alone, and Defender runs by the hour. */
export function starterFor(vendor: Vendor): string {
  const { text: written } = starterRules().find(({ path }) => path === RULES[vendor])!
  // What a test says of a vendor stands alone there.
  const text = written.replace(/ {2}implementations:\n(?: {4}.*\n)+/, '')
  if (vendor !== 'splunk' && vendor !== 'defender') return text
  return text
    .replace(/ {2}entities:\n(?: {4}- .*\n)+/, '')
    .replace(/schedule: \{.*\}/, 'schedule: {every: 1h}')
}

const WRITER: Credential = { kind: 'basic', user: 'writer', password: 'writer' }

async function addTargets(
  t: Lifetime,
  { house, clock, runner }: TestApp,
  admin: () => Caller,
  held: Held,
): Promise<Pick<VendorWorld, 'targets' | 'standins'>> {
  const standins: Partial<Record<Listening, Standin>> = {}
  const listen = async (
    name: Listening,
    answers: Answerer,
    tls?: ReturnType<typeof makeCertificate>,
  ) => {
    const standin = await startStandin(answers, { clock, ...(tls && { tls }) })
    t.after(() => standin.stop())
    standins[name] = standin
    return standin.url
  }
  const add = async (
    kind: Vendor,
    settings: Readonly<Record<string, string>>,
    credential: Credential,
    ca: string | null = null,
  ) => {
    const wish = NewTarget.parse({ name: kind, kind, settings, mode: 'read_write', ca })
    const { target } = await addTarget(house, admin(), wish)
    for (const purpose of ['read', 'write'] as const) {
      await setCredential(house, admin(), target.id, { purpose, credential })
      await nextTurn()
    }
    return target
  }
  const registration = registrationOf('rulewright', CLIENT_ID, 'a long secret')
  registration.roles = [...ALL_ROLES]
  const directory = makeDirectory({ clock, registrations: [registration] })
  const parts = { directory, workspaces: [held.sentinel] }
  const tls = makeCertificate(...VALID)
  const microsoft = await listen(
    'microsoft',
    microsoftAnswers(directory, [
      graphService(held.defender, directory),
      (routes) => serveLogAnalytics(routes, parts),
      (routes) => serveArm(routes, parts),
    ]),
    tls,
  )
  const { id, subscription, resourceGroup, name } = held.sentinel
  const targets = {
    splunk: await add(
      'splunk',
      { url: await listen('splunk', splunkAnswers(held.splunk)) },
      WRITER,
    ),
    sentinel: await add(
      'sentinel',
      {
        workspaceId: id,
        subscriptionId: subscription,
        resourceGroup,
        workspaceName: name,
        signInUrl: microsoft,
        apiUrl: microsoft,
        armUrl: microsoft,
      },
      SECRET,
      tls.cert,
    ),
    defender: await add(
      'defender',
      { signInUrl: microsoft, graphUrl: microsoft },
      SECRET,
      tls.cert,
    ),
    elastic: await add(
      'elastic',
      {
        url: await listen('elastic', elasticsearchAnswers(held.elastic)),
        kibanaUrl: await listen('kibana', kibanaAnswers(held.elastic)),
      },
      keyOf('writer'),
    ),
    opensearch: await add(
      'opensearch',
      { url: await listen('opensearch', opensearchAnswers(held.opensearch)), indices: 'logs-*' },
      WRITER,
    ),
  }
  await runner.drain()
  await nextTurn()
  return { targets, standins: standins as VendorWorld['standins'] }
}
