// A company's SIEMs on loopback, for the demonstration: what they hold grew over years, by many hands.
// Rules come from the families beside this file, events are the starter's story as each vendor keeps it.

import type { Clock } from '#kernel/time.ts'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { serveArm } from '#standins/microsoft/arm.ts'
import { makeDirectory, registrationOf, TENANT } from '#standins/microsoft/directory.ts'
import { graphService } from '#standins/microsoft/graph.ts'
import { serveLogAnalytics } from '#standins/microsoft/log-analytics.ts'
import { microsoftAnswers } from '#standins/microsoft/microsoft.ts'
import { SENTINEL_READER } from '#standins/microsoft/workspace.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin, type Answerer, type Standin } from '#standins/server.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { makeDefender } from './defender.ts'
import { makeFactory } from './elastic.ts'
import type { SampleEvent } from './events.ts'
import { makeLab } from './opensearch.ts'
import { makeSentinel } from './sentinel.ts'
import { makeLondon, makeNewYork } from './splunk.ts'

/** A SIEM that runs, and how a target leads to it. */
export interface EstateTarget {
  readonly name: string
  readonly kind: 'splunk' | 'opensearch' | 'elastic' | 'sentinel' | 'defender'
  readonly settings: Readonly<Record<string, string>>
  readonly credential: EstateCredential
  /** What there is to see, for a person. */
  readonly about: string
  /** Nobody gets in, as happens when a password was changed elsewhere. */
  readonly isLocked?: true
}

type EstateCredential =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'api_key'; readonly id: string; readonly key: string }
  | {
      readonly kind: 'client_secret'
      readonly tenant: string
      readonly clientId: string
      readonly secret: string
    }

export interface RunningEstate {
  readonly targets: readonly EstateTarget[]
  /** What answers, with the requests that it saw. */
  readonly standins: readonly Standin[]
  readonly stop: () => Promise<void>
}

export interface EstateOptions {
  readonly clock: Pick<Clock, 'now'>
  /** A day of them, in the order of their times. */
  readonly events: readonly SampleEvent[]
}

/** Gives the address of what answers there. */
type Listen = (answers: Answerer) => Promise<string>

export async function startEstate(options: EstateOptions): Promise<RunningEstate> {
  const running: Standin[] = []
  const listen = async (answers: Answerer) => {
    const standin = await startStandin(answers, options)
    running.push(standin)
    return standin.url
  }
  const stop = async () => {
    await Promise.all(running.map((standin) => standin.stop()))
  }
  try {
    const targets = [
      ...(await startSplunk(listen, options)),
      await startLab(listen, options),
      await startFactory(listen, options),
      ...(await startMicrosoft(listen, options)),
    ]
    return { targets, standins: running, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const READER = { kind: 'basic', user: 'reader', password: 'reader' } as const

async function startSplunk(
  listen: Listen,
  { clock, events }: EstateOptions,
): Promise<readonly EstateTarget[]> {
  const [london, newYork] = [makeLondon(clock, events), makeNewYork(clock, events)]
  const [londonUrl, newYorkUrl] = [
    await listen(splunkAnswers(london)),
    await listen(splunkAnswers(newYork)),
  ]
  return [
    {
      name: 'splunk-london',
      kind: 'splunk',
      settings: { url: londonUrl },
      credential: READER,
      about: `Enterprise Security of the head office, ${london.savedSearches.length} saved searches`,
    },
    {
      name: 'splunk-newyork',
      kind: 'splunk',
      settings: { url: newYorkUrl },
      credential: READER,
      about: `another site with indexes of its own, ${newYork.savedSearches.length} saved searches`,
    },
    {
      name: 'splunk-singapore',
      kind: 'splunk',
      settings: { url: newYorkUrl },
      credential: { ...READER, password: 'changed-last-week' },
      about: 'somebody changed the password, so nobody gets in',
      isLocked: true,
    },
  ]
}

async function startLab(listen: Listen, { clock, events }: EstateOptions): Promise<EstateTarget> {
  const lab = makeLab(clock, events)
  const url = await listen(opensearchAnswers(lab))
  return {
    name: 'opensearch-lab',
    kind: 'opensearch',
    settings: { url, indices: 'winlogbeat-*,auditbeat-*,filebeat-*,packetbeat-*' },
    credential: READER,
    about: `Security Analytics of the laboratory, ${lab.rules.size} rules in ${lab.detectors.size} detectors`,
  }
}

async function startFactory(
  listen: Listen,
  { clock, events }: EstateOptions,
): Promise<EstateTarget> {
  const factory = makeFactory(clock, events)
  const url = await listen(elasticsearchAnswers(factory))
  const kibanaUrl = await listen(kibanaAnswers(factory))
  return {
    name: 'elastic-factory',
    kind: 'elastic',
    settings: { url, kibanaUrl },
    credential: { kind: 'api_key', id: 'reader-id', key: 'reader-key' },
    about: `Kibana of the factories, ${factory.rules.length} detection rules of every type`,
  }
}

const APP = { clientId: '7a1d5f0e-2b4c-4c1e-9d7f-5e8a9b0c1d2e', secret: 'kept in the vault' }
const APP_ROLES = ['ThreatHunting.Read.All', 'CustomDetection.Read.All']

/** One tenant, one app that may read both. */
async function startMicrosoft(
  listen: Listen,
  { clock, events }: EstateOptions,
): Promise<readonly EstateTarget[]> {
  const directory = makeDirectory({ clock })
  const { clientId, secret } = APP
  const app = registrationOf('rulewright-read', clientId, secret, { roles: APP_ROLES })
  directory.registrations.push(app)
  const tenant = makeDefender(clock, events)
  const workspace = makeSentinel(clock, events, { clientId, may: SENTINEL_READER })
  const parts = { directory, workspaces: [workspace] }
  const url = await listen(
    microsoftAnswers(directory, [
      graphService(tenant, directory),
      (routes) => serveLogAnalytics(routes, parts),
      (routes) => serveArm(routes, parts),
    ]),
  )
  const credential = { kind: 'client_secret', tenant: TENANT, clientId, secret } as const
  return [
    {
      name: 'sentinel-cloud',
      kind: 'sentinel',
      settings: {
        workspaceId: workspace.id,
        subscriptionId: workspace.subscription,
        resourceGroup: workspace.resourceGroup,
        workspaceName: workspace.name,
        signInUrl: url,
        apiUrl: url,
        armUrl: url,
      },
      credential,
      about: `Sentinel of the cloud team, ${workspace.rules.size} analytics rules`,
    },
    {
      name: 'defender-xdr',
      kind: 'defender',
      settings: { signInUrl: url, graphUrl: url },
      credential,
      about: `Defender of the whole company, ${tenant.rules.size} custom detections`,
    },
  ]
}
