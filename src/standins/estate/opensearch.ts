// OpenSearch of the laboratory: the indexes of the Beats, and Security Analytics over them.

import type { Clock } from '#kernel/time.ts'
import { elasticRows } from '#languages/sigma/pipelines/rw-elastic.ts'
import { addMs, instant, type Instant } from '#kernel/time.ts'
import {
  makeCluster,
  type Cluster,
  type SearchDocument,
  type SecurityRule,
} from '#standins/opensearch/cluster.ts'
import { listDetections, oneOf, rollOf, sigmaText, uuidOf } from './detections.ts'
import type { LogName } from './families.ts'
import { elsewhere, placeEvents, type SampleEvent } from './events.ts'

const HALF_HOUR_MS = 1_800_000
const DAY_MS = 86_400_000

export function makeLab(clock: Pick<Clock, 'now'>, events: readonly SampleEvent[]): Cluster {
  const there = elsewhere(events, { site: 'lab', laterMs: HALF_HOUR_MS })
  const cluster = makeCluster({ clock, documents: documentsOf(there) })
  const at = clock.now()
  addRules(cluster, addMs(instant(at - (at % DAY_MS)), -30 * DAY_MS))
  return cluster
}

/** Category of rules and type of detectors, by the logs that the laboratory has. */
const TOPICS: Readonly<Partial<Record<LogName, string>>> = {
  process: 'windows',
  registry: 'windows',
  security: 'windows',
  linux: 'linux',
  web: 'others_web',
  dns: 'dns',
}

const AUTHORS = ['hanna', 'ji-woo', 'the laboratory']

/** Rules by themselves do nothing: a detector runs them, and some rules are in none. */
function addRules(cluster: Cluster, updated: Instant): void {
  for (const detection of listDetections()) {
    const category = TOPICS[detection.family.log]
    if (category === undefined || rollOf(`lab ${detection.name}`, 100) >= 55) continue
    const id = uuidOf(detection.name)
    const text = sigmaText(detection, oneOf(AUTHORS, detection.name), id)
    cluster.rules.set(id, { id, version: 1, category, text, updated, isPrepackaged: false })
  }
  const byCategory = Map.groupBy(cluster.rules.values(), ({ category }) => category)
  for (const [category, rules] of byCategory) {
    const [live, idle] = [rules.slice(0, -2), rules.slice(-2)]
    addDetector(cluster, {
      name: `lab-${category}`,
      category,
      rules: live,
      isEnabled: true,
      updated,
    })
    if (category === 'windows') {
      const off = { name: 'lab-windows-trial', category, rules: idle, isEnabled: false, updated }
      addDetector(cluster, off)
    }
  }
}

const INDEXES: Readonly<Record<string, string>> = {
  windows: 'winlogbeat-*',
  linux: 'auditbeat-*',
  dns: 'packetbeat-*',
  others_web: 'filebeat-*',
}

interface DetectorWish {
  readonly name: string
  readonly category: string
  readonly rules: readonly SecurityRule[]
  readonly isEnabled: boolean
  readonly updated: Instant
}

function addDetector(
  cluster: Cluster,
  { name, category, rules, isEnabled, updated }: DetectorWish,
): void {
  const id = uuidOf(name)
  const body = {
    name,
    type: 'detector',
    detector_type: category,
    enabled: isEnabled,
    schedule: { period: { interval: 1, unit: 'MINUTES' } },
    inputs: [
      {
        detector_input: {
          description: '',
          indices: [INDEXES[category]!],
          custom_rules: rules.map((rule) => ({ id: rule.id })),
          pre_packaged_rules: [],
        },
      },
    ],
    triggers: [
      {
        id: `trigger-${id}`,
        name: 'high and critical',
        severity: '2',
        types: [category],
        ids: [],
        sev_levels: ['high', 'critical'],
        tags: [],
        detection_types: ['rules'],
        actions: [],
      },
    ],
    threat_intel_enabled: false,
  }
  cluster.detectors.set(id, { id, version: 1, body, updated })
}

/** One index a day and beat, as the Beats make them. */
function documentsOf(events: readonly SampleEvent[]): readonly SearchDocument[] {
  return placeEvents(elasticRows('beat'), events).map(({ row, atMs, fields }, at) => {
    const time = new Date(atMs).toISOString()
    const [pattern = ''] = row.state!['index'] as readonly string[]
    const index = pattern.replace('*', `8.19.2-${time.slice(0, 10).replaceAll('-', '.')}`)
    return { id: `${index}-${at}`, index, source: { '@timestamp': time, ...fields } }
  })
}
