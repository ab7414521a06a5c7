// What only shows when all documents are seen together: two rules with one id, the same logic twice,
// references that lead nowhere.

import type { Problem } from '#kernel/problem.ts'
import { collect } from '#languages/sigma/collection.ts'
import { lower } from '#languages/sigma/lower.ts'
import type { SigmaFilter, SigmaRule } from '#languages/sigma/rule.ts'
import { Source, type Range } from '#languages/sigma/source.ts'
import type { YamlMap } from '#languages/sigma/yaml.ts'
import type { Outline } from '#languages/sigma/parse.ts'
import type { CheckRow } from './check.ts'
import { headOf, relations, scalarOf } from './metadata.ts'

const OTHER_ID = '80167ada-7a12-41ed-b8e9-aa47195c66a2'

export const ACROSS_ROWS: readonly CheckRow[] = [
  {
    code: 'sigma/duplicate-id',
    severity: 'error',
    why: 'What refers to the id reaches one of the two, and a push would overwrite one with the other.',
    bad: 'title: One\n---\ntitle: Two\nid: 80167ada-7a12-41ed-b8e9-aa47195c66a1',
    good: `title: One\n---\ntitle: Two\nid: ${OTHER_ID}`,
  },
  {
    code: 'sigma/duplicate-name',
    severity: 'error',
    why: 'A correlation that refers to the name reaches one of the two.',
    bad: 'name: whoami\n---\ntitle: Two\nname: whoami',
    good: 'name: whoami\n---\ntitle: Two\nname: hostname',
  },
  {
    code: 'sigma/duplicate-title',
    severity: 'info',
    why: 'In a list of alerts nobody can tell the two apart.',
    bad: 'title: Whoami\n---\ntitle: Whoami',
    good: 'title: Whoami\n---\ntitle: Hostname',
  },
  {
    code: 'sigma/duplicate-logic',
    severity: 'warning',
    why: 'Every event alerts twice.',
    bad: 'title: One\n---\ntitle: Two',
    good: "title: One\n---\ntitle: Two\ndetection: {selection: {Image|endswith: '\\hostname.exe'}, condition: selection}",
  },
  {
    code: 'sigma/obsolete-active',
    severity: 'info',
    why: 'Another rule took its place, yet this one still says that it may run.',
    bad: `title: One\n---\ntitle: Two\nrelated: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a1, type: obsolete}]`,
    good: `title: One\nstatus: deprecated\n---\ntitle: Two\nrelated: [{id: 80167ada-7a12-41ed-b8e9-aa47195c66a1, type: obsolete}]`,
  },
  {
    code: 'sigma/filter-of-nothing',
    severity: 'warning',
    why: 'The filter exempts nothing: the rule it names is not among those given.',
    bad: 'name: whoami\n---\nfilter: {rules: [hostname], selection: {User: ada}, condition: not selection}',
    good: 'name: whoami\n---\nfilter: {rules: [whoami], selection: {User: ada}, condition: not selection}',
  },
  {
    code: 'sigma/unknown-rule',
    severity: 'error',
    why: 'A correlation without its rules counts nothing.',
    bad: 'name: whoami\n---\ncorrelation: {type: event_count, rules: [hostname], group-by: [User], timespan: 5m, condition: {gte: 10}}',
    good: 'name: whoami\n---\ncorrelation: {type: event_count, rules: [whoami], group-by: [User], timespan: 5m, condition: {gte: 10}}',
  },
  {
    code: 'sigma/correlation-cycle',
    severity: 'error',
    why: 'A correlation that waits for itself never fires.',
    bad: 'name: ring\ncorrelation: {type: event_count, rules: [ring], group-by: [User], timespan: 5m, condition: {gte: 10}}',
    good: 'name: whoami\n---\ncorrelation: {type: event_count, rules: [whoami], group-by: [User], timespan: 5m, condition: {gte: 10}}',
  },
]

export interface LintedFile {
  readonly path: string
  readonly text: string
  readonly outlines: readonly Outline[]
}

interface Member extends Outline {
  readonly root: YamlMap
  /** What messages call it by. */
  readonly label: string
  readonly source: Source
}

export class AcrossFiles {
  readonly #found = new Map<YamlMap, Problem[]>()
  readonly #severities = new Map(ACROSS_ROWS.map(({ code, severity }) => [code, severity]))

  constructor(files: readonly LintedFile[]) {
    const members = files.flatMap(({ path, text, outlines }) => {
      const source = new Source(text)
      return outlines.flatMap((outline): Member[] => {
        const { root, index } = outline
        return root === undefined ? [] : [{ ...outline, root, source, label: `${path}#${index}` }]
      })
    })
    this.#judgeRepeats(members)
    this.#judgeObsolete(members)
    this.#judgeFilters(members)
    for (const [document, problems] of collect(members.flatMap((one) => one.document ?? []))
      .problems) {
      for (const problem of problems) this.#add(document.root, problem)
    }
  }

  of(outline: Outline): readonly Problem[] {
    return (outline.root && this.#found.get(outline.root)) ?? []
  }

  #judgeRepeats(members: readonly Member[]): void {
    const seen = { id: first(), name: first(), title: first(), logic: first() }
    for (const one of members) {
      const { root, label, document } = one
      const head = headOf(root)
      const id = scalarOf(root, 'id')
      const idTwin = id && seen.id(id.text.toLowerCase(), label)
      if (id && idTwin)
        this.#tell(one, 'duplicate-id', head, `The id ${id.text} is also that of ${idTwin}.`)
      const name = scalarOf(root, 'name')
      const nameTwin = name && seen.name(name.text, label)
      if (name && nameTwin) {
        this.#tell(
          one,
          'duplicate-name',
          name,
          `The name "${name.text}" is also that of ${nameTwin}.`,
        )
      }
      const title = scalarOf(root, 'title')
      const titleTwin = title && seen.title(title.text.trim().toLowerCase(), label)
      if (title && titleTwin && !idTwin) {
        this.#tell(one, 'duplicate-title', title, `The title is also that of ${titleTwin}.`)
      }
      const logicTwin = document?.kind === 'rule' && seen.logic(logicOf(document), label)
      if (logicTwin) {
        this.#tell(
          one,
          'duplicate-logic',
          head,
          `This rule asks for exactly what ${logicTwin} asks for.`,
        )
      }
    }
  }

  #judgeObsolete(members: readonly Member[]): void {
    const successors = new Map<string, string>()
    for (const { root, label } of members) {
      for (const { id, type } of relations(root)) {
        if (id && type === 'obsolete') successors.set(id.text.toLowerCase(), label)
      }
    }
    for (const one of members) {
      const successor = one.id === null ? undefined : successors.get(one.id.toLowerCase())
      const status = scalarOf(one.root, 'status')?.text
      if (successor === undefined || status === 'deprecated' || status === 'unsupported') continue
      const message = `${successor} made this rule obsolete.`
      this.#tell(one, 'obsolete-active', headOf(one.root), message, 'Set its status to deprecated.')
    }
  }

  #judgeFilters(members: readonly Member[]): void {
    const filters = members.filter(
      (one): one is Member & { readonly document: SigmaFilter } => one.document?.kind === 'filter',
    )
    if (filters.length === 0) return
    const known = new Set(members.flatMap(({ id, root }) => [id, scalarOf(root, 'name')?.text]))
    for (const one of filters) {
      for (const rule of one.document.rules === 'any' ? [] : one.document.rules) {
        if (known.has(rule.text)) continue
        this.#tell(one, 'filter-of-nothing', rule, `"${rule.text}" is not among the rules.`)
      }
    }
  }

  #tell(one: Member, name: string, at: Range, message: string, hint?: string): void {
    const code = `sigma/${name}`
    const severity = this.#severities.get(code)!
    const problem = { code, severity, message, ...one.source.span(at) }
    this.#add(one.root, hint === undefined ? problem : { ...problem, hint })
  }

  #add(root: YamlMap, problem: Problem): void {
    const known = this.#found.get(root)
    if (known) known.push(problem)
    else this.#found.set(root, [problem])
  }
}

/** Remembers who came first with a key, and names them to whoever comes later. */
function first(): (key: string, label: string) => string | undefined {
  const seen = new Map<string, string>()
  return (key, label) => {
    const known = seen.get(key)
    if (known === undefined) seen.set(key, label)
    return known
  }
}

function logicOf(rule: SigmaRule): string {
  const { product, category, service } = rule.logsource
  const { predicates } = lower(rule.detections)
  return JSON.stringify([product, category, service, predicates])
}
