// Rules over events: compiled once, then asked for every event. An event that says its log source is
// shown only to the rules whose log source agrees; one that does not is shown to all. Correlations
// are in correlate.ts; here every event stands alone.

import type { Problem } from '#kernel/problem.ts'
import { leaves, type Leaf, type Predicate } from '#languages/predicate.ts'
import { EventView, FieldTable, type Scalar } from './event.ts'
import { lower } from './lower.ts'
import { necessaryFor, Prefilter } from './prefilter.ts'
import type { LogSource, SigmaRule } from './rule.ts'
import { compileTest, type Check } from './test.ts'

export interface EventSource {
  readonly product?: string
  readonly service?: string
  readonly category?: string | readonly string[]
}

export interface RefusedRule {
  readonly rule: SigmaRule
  readonly problems: readonly Problem[]
}

interface CompiledRule {
  readonly rule: SigmaRule
  readonly predicates: readonly Predicate[]
  readonly check: Check
  readonly isGuarded: boolean
  /** Guarded by keywords. */
  readonly isWhole: boolean
}

interface Route {
  readonly isOpen: Uint8Array
  /** Rules without a necessary text: they are asked for every event of the route. */
  readonly unguarded: readonly number[]
  /** Some rule of the route is guarded by keywords. */
  readonly isWhole: boolean
}

const ROUTES_MAX = 500

export class Matcher {
  /** Rules the matcher cannot run, with the reason; they take no part. */
  readonly refused: readonly RefusedRule[]
  readonly #table = new FieldTable()
  readonly #event: EventView
  readonly #rules: readonly CompiledRule[]
  readonly #compiled: ReadonlyMap<SigmaRule, CompiledRule>
  readonly #prefilter: Prefilter
  readonly #routes = new Map<string, Route>()
  #lastRoute: { readonly source: EventSource | undefined; readonly route: Route } | undefined
  readonly #atoms: AtomMemory
  readonly #seen: Int32Array
  #generation = 0
  #asked = 0

  constructor(rules: readonly SigmaRule[]) {
    const refused: RefusedRule[] = []
    this.#event = new EventView(this.#table)
    this.#prefilter = new Prefilter(this.#table)
    this.#atoms = new AtomMemory(this.#table)
    const compiled: CompiledRule[] = []
    for (const rule of rules) {
      const { predicates, problems } = lower(rule.detections)
      const check = problems.length > 0 ? problems : this.#atoms.compile(predicates)
      if (typeof check !== 'function') {
        refused.push({ rule, problems: check })
        continue
      }
      const needs = necessaryFor({ kind: 'or', of: predicates })
      if (needs) this.#prefilter.add(compiled.length, needs)
      const isWhole = needs?.some(({ field }) => field === undefined) ?? false
      compiled.push({ rule, predicates, check, isGuarded: needs !== undefined, isWhole })
    }
    this.#prefilter.seal()
    this.#rules = compiled
    this.#compiled = new Map(compiled.map((one) => [one.rule, one]))
    this.#seen = new Int32Array(compiled.length)
    this.refused = refused
  }

  /** Those that matched, in the order the rules were given. Valid until the next call. */
  match(event: object, source?: EventSource): readonly SigmaRule[] {
    this.#event.load(event)
    this.#atoms.forget()
    const generation = ++this.#generation
    const route = this.#route(source)
    const candidates = [...route.unguarded]
    this.#prefilter.candidates(this.#event, route.isWhole, (rule) => {
      if (route.isOpen[rule] === 0 || this.#seen[rule] === generation) return
      this.#seen[rule] = generation
      candidates.push(rule)
    })
    this.#asked += candidates.length
    const matched = candidates.filter((index) => this.#rules[index]!.check(this.#event))
    return matched.toSorted((a, b) => a - b).map((index) => this.#rules[index]!.rule)
  }

  /** How many times a rule was really evaluated, over all events so far. */
  get rulesAsked(): number {
    return this.#asked
  }

  /** The values the last event has in the fields of a rule that matched it. */
  fieldsOf(rule: SigmaRule): Readonly<Record<string, Scalar | readonly Scalar[]>> {
    const compiled = this.#compiled.get(rule)
    const fields: Record<string, Scalar | readonly Scalar[]> = Object.create(null) as typeof fields
    for (const leaf of compiled?.predicates.flatMap((one) => [...leaves(one)]) ?? []) {
      if (leaf.kind !== 'test') continue
      const values = this.#event.valuesAt(this.#table.slotOf(leaf.field))
      if (values !== undefined) fields[leaf.field] = values.length === 1 ? values[0]! : values
    }
    return fields
  }

  #route(source: EventSource | undefined): Route {
    // Events come in runs of one source.
    const last = this.#lastRoute
    if (last !== undefined && last.source === source) return last.route
    const route = this.#findRoute(source)
    this.#lastRoute = { source, route }
    return route
  }

  #findRoute(source: EventSource | undefined): Route {
    const key = source === undefined ? '' : keyOf(source)
    const known = this.#routes.get(key)
    if (known !== undefined) return known
    const isOpen = Uint8Array.from(this.#rules, ({ rule }) =>
      source === undefined || agrees(rule.logsource, source) ? 1 : 0,
    )
    const unguarded = [...this.#rules.keys()].filter(
      (index) => isOpen[index] === 1 && !this.#rules[index]!.isGuarded,
    )
    if (this.#routes.size >= ROUTES_MAX) this.#routes.clear()
    const isWhole = this.#rules.some((rule, index) => rule.isWhole && isOpen[index] === 1)
    const route = { isOpen, unguarded, isWhole }
    this.#routes.set(key, route)
    return route
  }
}

/** Why the matcher could not run these rules; empty when it could. Cheaper than making one. */
export function whyNotMatched(rules: readonly SigmaRule[]): readonly Problem[] {
  const atoms = new AtomMemory(new FieldTable())
  return rules.flatMap(({ detections }) => {
    const { predicates, problems } = lower(detections)
    const check = problems.length > 0 ? problems : atoms.compile(predicates)
    return typeof check === 'function' ? [] : check
  })
}

function keyOf({ product, service, category }: EventSource): string {
  const categories = Array.isArray(category) ? category.join('\n') : category
  return `${product}\t${service}\t${categories as string}`
}

/** True when each key the rule names is the event's too. Case does not count. */
export function agrees(rule: LogSource, event: EventSource): boolean {
  const categories = [event.category ?? []].flat()
  const isSame = (wanted: string | undefined, had: readonly string[]) =>
    wanted === undefined || had.some((one) => one.toLowerCase() === wanted.toLowerCase())
  return (
    isSame(rule.product, [event.product ?? []].flat()) &&
    isSame(rule.service, [event.service ?? []].flat()) &&
    isSame(rule.category, categories)
  )
}

/** Every test that occurs in the rules, once: its answer is remembered for the current event. */
class AtomMemory {
  readonly #table: FieldTable
  readonly #known = new Map<string, Check | { refusal: string }>()
  /** The event for which the answer holds, twice, plus one when it is true. */
  #answers = new Float64Array(1024)
  #event = 1

  constructor(table: FieldTable) {
    this.#table = table
  }

  forget(): void {
    this.#event++
  }

  /** True when any of the predicates holds. */
  compile(predicates: readonly Predicate[]): Check | readonly Problem[] {
    const problems: Problem[] = []
    const checks = predicates.map((predicate) => this.#build(predicate, problems))
    if (problems.length > 0) return problems
    return checks.length === 1 ? checks[0]! : (event) => checks.some((check) => check(event))
  }

  #build(predicate: Predicate, problems: Problem[]): Check {
    switch (predicate.kind) {
      case 'constant':
        return () => predicate.value
      case 'not': {
        const inner = this.#build(predicate.of, problems)
        return (event) => !inner(event)
      }
      case 'and': {
        const checks = predicate.of.map((operand) => this.#build(operand, problems))
        return (event) => {
          for (const check of checks) if (!check(event)) return false
          return true
        }
      }
      case 'or': {
        const checks = predicate.of.map((operand) => this.#build(operand, problems))
        return (event) => {
          for (const check of checks) if (check(event)) return true
          return false
        }
      }
      case 'test':
      case 'keyword': {
        const atom = this.#atom(predicate)
        if (typeof atom === 'function') return atom
        const message = `This rule cannot be matched: ${atom.refusal}.`
        problems.push({ code: 'sigma/cannot-match', severity: 'error', message })
        return () => false
      }
    }
  }

  #atom(leaf: Leaf): Check | { refusal: string } {
    const key = JSON.stringify(leaf)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const check = compileTest(leaf.test, leaf.kind === 'test' ? leaf.field : undefined, this.#table)
    const atom = typeof check === 'function' ? this.#remembered(check, this.#known.size) : check
    this.#known.set(key, atom)
    return atom
  }

  #remembered(check: Check, id: number): Check {
    if (id >= this.#answers.length) {
      const grown = new Float64Array(this.#answers.length * 2)
      grown.set(this.#answers)
      this.#answers = grown
    }
    return (event) => {
      const answer = this.#answers[id]! - 2 * this.#event
      if (answer >= 0) return answer === 1
      const isTrue = check(event)
      this.#answers[id] = 2 * this.#event + (isTrue ? 1 : 0)
      return isTrue
    }
  }
}
