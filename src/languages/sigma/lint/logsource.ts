// Checks of log sources, and of fields against what the events of a source hold.

import { nearest } from '#kernel/problem.ts'
import type { DetectionItem, LogSource, SigmaRule } from '#languages/sigma/rule.ts'
import type { Range } from '#languages/sigma/source.ts'
import { valueOf, type YamlScalar } from '#languages/sigma/yaml.ts'
import { itemsOf, ofRule, type Check, type Report } from './check.ts'
import { LOG_SOURCE_FIELDS } from './logsource-facts.ts'

let known: ReadonlyMap<string, ReadonlySet<string>> | undefined

/** `windows category process_creation` -> its fields; empty when nobody wrote them down. */
export function knownSources(): ReadonlyMap<string, ReadonlySet<string>> {
  if (known !== undefined) return known
  const read = new Map<string, Set<string>>()
  let fields = new Set<string>()
  for (const line of LOG_SOURCE_FIELDS.split('\n')) {
    if (line.startsWith('  ')) for (const field of line.trim().split(' ')) fields.add(field)
    else if (line !== '') read.set(line, (fields = new Set()))
  }
  known = read
  return read
}

const KEYS = ['product', 'category', 'service', 'definition']

export const LOGSOURCE_CHECKS: readonly Check[] = [
  {
    code: 'sigma/logsource-key',
    severity: 'warning',
    why: 'A misspelt key leaves the rule open to every log source.',
    bad: 'logsource: {catgory: process_creation, product: windows}',
    good: 'logsource: {category: process_creation, product: windows}',
    run({ root, report }) {
      const node = valueOf(root, 'logsource')
      if (node?.kind !== 'map') return
      for (const { key } of node.entries) {
        const near = KEYS.includes(key.text) ? undefined : nearest(key.text, KEYS)
        if (near !== undefined) {
          report(key, `"${key.text}" is no key of a log source.`, `Did you mean "${near}"?`)
        }
      }
    },
  },
  ofLogSource(
    {
      code: 'sigma/logsource-case',
      severity: 'warning',
      why: 'Pipelines look log sources up letter by letter.',
      bad: 'logsource: {category: process_creation, product: Windows}',
      good: 'logsource: {category: process_creation, product: windows}',
    },
    (_, report, nodes) => {
      for (const node of nodes) {
        if (node.text === node.text.toLowerCase()) continue
        report(node, 'Log sources are written in lower case.', `Write ${node.text.toLowerCase()}.`)
      }
    },
  ),
  ofLogSource(
    {
      code: 'sigma/logsource-misspelt',
      severity: 'warning',
      why: 'No pipeline knows the log source, and one it knows is spelled almost so.',
      bad: 'logsource: {category: proces_creation, product: windows}',
      good: 'logsource: {category: process_creation, product: windows}',
    },
    ({ product = '-', category, service }, report, nodes) => {
      for (const [key, name] of [
        ['category', category],
        ['service', service],
      ] as const) {
        if (name === undefined || knownSources().has(`${product} ${key} ${name.toLowerCase()}`))
          continue
        const names = [...knownSources().keys()].flatMap((line) => {
          const [ofProduct, kind, other] = line.split(' ')
          return kind === key && ofProduct === product ? [other!] : []
        })
        const near = nearest(name, names)
        const node = nodes.find(({ text }) => text === name)
        if (near === undefined || near === name.toLowerCase() || node === undefined) continue
        report(node, `"${name}" is no known ${key}.`, `Did you mean "${near}"?`)
      }
    },
  ),
  ofLogSource(
    {
      code: 'sigma/logsource-without-product',
      severity: 'info',
      why: 'Fields differ between systems; a category of processes or files needs one.',
      bad: 'logsource: {category: process_creation}',
      good: 'logsource: {category: process_creation, product: windows}',
    },
    ({ product, category }, report, nodes) => {
      if (product !== undefined || category === undefined) return
      const isOfSystem = knownSources().has(`windows category ${category}`)
      if (isOfSystem && !knownSources().has(`- category ${category}`)) {
        report(nodes[0]!, `"${category}" exists on several systems.`, 'Name the product.')
      }
    },
  ),
  ofFields(
    {
      code: 'sigma/field-case',
      severity: 'warning',
      why: 'Many targets look fields up letter by letter: the rule finds nothing there.',
      bad: "detection: {selection: {image|endswith: '\\whoami.exe'}, condition: selection}",
      good: "detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}",
    },
    (field, fields, item, report) => {
      if (fields.has(field)) return
      const same = [...fields].find((one) => one.toLowerCase() === field.toLowerCase())
      if (same !== undefined) {
        report(item, `The field is written "${same}".`, `Write ${same}.`)
      }
    },
  ),
  ofFields(
    {
      code: 'sigma/foreign-field',
      severity: 'warning',
      why: 'Events of this log source do not have the field: the test never holds.',
      bad: 'detection: {selection: {DestinationPort: 445}, condition: selection}',
      good: "detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}",
    },
    (field, fields, item, report) => {
      if ([...fields].some((one) => one.toLowerCase() === field.toLowerCase())) return
      const near = nearest(field, fields)
      const hint = near === undefined ? undefined : `Did you mean "${near}"?`
      report(item, `Events of this log source have no field "${field}".`, hint)
    },
  ),
  ofRule(
    {
      code: 'sigma/event-number-for-category',
      severity: 'info',
      why: 'The category says it, and other sources of the category number their events differently.',
      bad: "detection: {selection: {EventID: 1, Image|endswith: '\\whoami.exe'}, condition: selection}",
      good: "detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}",
    },
    ({ logsource, detections }, report) => {
      if (logsource.product !== 'windows' || !SYSMON.has(logsource.category ?? '')) return
      for (const item of [...detections.searches.values()].flatMap(itemsOf)) {
        if (item.field === 'EventID') report(item, 'The category already says which events.')
      }
    },
  ),
]

/** Categories that one event of Sysmon, or its like in other logs, makes up. */
const SYSMON = new Set([
  'process_creation',
  'network_connection',
  'process_termination',
  'driver_load',
  'image_load',
  'create_remote_thread',
  'process_access',
  'file_event',
  'file_delete',
  'registry_set',
  'dns_query',
  'pipe_created',
])

type JudgeSource = (source: LogSource, report: Report, nodes: readonly YamlScalar[]) => void

function ofLogSource(row: Parameters<typeof ofRule>[0], judge: JudgeSource): Check {
  return ofRule(row, (rule, report) => {
    const map = valueOf(rule.root, 'logsource')
    const nodes = (map?.kind === 'map' ? map.entries : []).flatMap(({ key, value }) =>
      value.kind === 'scalar' && /^(?:product|category|service)$/.test(key.text) ? [value] : [],
    )
    if (nodes.length > 0) judge(rule.logsource, report, nodes)
  })
}

type JudgeField = (
  field: string,
  fields: ReadonlySet<string>,
  item: DetectionItem,
  report: (at: Range, message: string, hint?: string) => void,
) => void

/** Only for sources whose fields are written down. */
function ofFields(row: Parameters<typeof ofRule>[0], judge: JudgeField): Check {
  return ofRule(row, (rule, report) => {
    const fields = fieldsOf(rule)
    if (fields === undefined) return
    for (const item of [...rule.detections.searches.values()].flatMap(itemsOf)) {
      // Spaces in names do not count, nor do a shipper's dotted paths.
      const field = item.field?.replaceAll(' ', '')
      if (field !== undefined && !field.includes('.')) judge(field, fields, item, report)
    }
  })
}

function fieldsOf({ logsource, taxonomy }: SigmaRule): ReadonlySet<string> | undefined {
  const { product = '-', category, service } = logsource
  if (taxonomy !== undefined && taxonomy !== 'sigma') return undefined
  const named = [
    category === undefined ? undefined : `${product} category ${category}`,
    service === undefined ? undefined : `${product} service ${service}`,
  ].filter((line) => line !== undefined)
  const all = named.map((line) => knownSources().get(line))
  if (all.length === 0 || all.some((fields) => fields === undefined || fields.size === 0)) {
    return undefined
  }
  return new Set(all.flatMap((fields) => [...fields!]))
}
