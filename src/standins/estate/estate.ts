// A company's SIEMs on loopback, for the demonstration: what they hold grew over years, by many hands.
// Every rule is described in families.ts; every event is the starter's story, as each vendor keeps it.

import type { Clock } from '#kernel/time.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import { startStandin, type Standin } from '#standins/server.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import type { SampleEvent } from './events.ts'
import { makeLab } from './opensearch.ts'
import { makeLondon, makeNewYork } from './splunk.ts'

/** A SIEM that runs, and how a target leads to it. */
export interface EstateTarget {
  readonly name: string
  readonly kind: 'splunk' | 'opensearch'
  readonly settings: Readonly<Record<string, string>>
  readonly credential: { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** What there is to see, for a person. */
  readonly about: string
  /** Nobody gets in, as happens when a password was changed elsewhere. */
  readonly isLocked?: true
}

export interface RunningEstate {
  readonly targets: readonly EstateTarget[]
  readonly stop: () => Promise<void>
}

export interface EstateOptions {
  readonly clock: Pick<Clock, 'now'>
  /** A day of them, in the order of their times. */
  readonly events: readonly SampleEvent[]
}

export async function startEstate({ clock, events }: EstateOptions): Promise<RunningEstate> {
  const running: Standin[] = []
  const start = async (...given: Parameters<typeof startStandin>) => {
    const standin = await startStandin(...given)
    running.push(standin)
    return standin.url
  }
  const stop = async () => {
    await Promise.all(running.map((standin) => standin.stop()))
  }
  try {
    const london = makeLondon(clock, events)
    const newYork = makeNewYork(clock, events)
    const lab = makeLab(clock, events)
    const londonUrl = await start(splunkAnswers(london), { clock })
    const newYorkUrl = await start(splunkAnswers(newYork), { clock })
    const labUrl = await start(opensearchAnswers(lab), { clock })
    const credential = { kind: 'basic', user: 'reader', password: 'reader' } as const
    const targets: EstateTarget[] = [
      {
        name: 'splunk-london',
        kind: 'splunk',
        settings: { url: londonUrl },
        credential,
        about: `Enterprise Security of the head office: ${london.savedSearches.length} saved searches`,
      },
      {
        name: 'splunk-newyork',
        kind: 'splunk',
        settings: { url: newYorkUrl },
        credential,
        about: `the other site, with indexes of its own: ${newYork.savedSearches.length} saved searches`,
      },
      {
        name: 'opensearch-lab',
        kind: 'opensearch',
        settings: { url: labUrl, indices: 'winlogbeat-*,auditbeat-*,filebeat-*,packetbeat-*' },
        credential,
        about: `Security Analytics of the laboratory: ${lab.rules.size} rules in ${lab.detectors.size} detectors`,
      },
      {
        name: 'splunk-singapore',
        kind: 'splunk',
        settings: { url: newYorkUrl },
        credential: { ...credential, password: 'changed-last-week' },
        about: 'a site whose password somebody changed, so nobody gets in',
        isLocked: true,
      },
    ]
    return { targets, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
