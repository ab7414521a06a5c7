// What is written at a place for a rule: the vendor's own body, made of the rendered query, what the rule
// says beside its logic, and what the overlay of a target changes. Pure. The digest of a body is that of
// its canonical JSON, so it covers every field that would be written.

import type { MappedPlace } from '#domain/mappings/mapping.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Problem } from '#kernel/problem.ts'
import { parseDuration } from '#kernel/time.ts'
import type {
  Body,
  RuleToWrite,
  RunSchedule,
  SigmaText,
  Throttle,
  Written,
} from '#languages/rule-formats/write/rule.ts'
import { writeRule } from '#languages/rule-formats/write/write.ts'
import { mappedField } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaDocument } from '#languages/sigma/rule.ts'
import type { RuleContent } from '#domain/rules/content.ts'
import { editRuleText, type RuleEdit } from '#domain/rules/edit.ts'
import type { Overlay } from '#domain/rules/product-key.ts'
import { isKind, KIND_ROWS, type Kind } from './kinds.ts'
import { pipelinesFor, type Rendering, type RenderInput } from './render.ts'

/** In the shape of the vendor's own door. */
export type WriteBody = Body

export interface RenderedBody {
  readonly kind: Kind
  /** Of the target it is for; null for any of its kind. */
  readonly overlay: string | null
  /** Null when it was refused. */
  readonly body: Body | null
  /** Hex SHA-256 of the canonical body; null when it was refused. */
  readonly bodyHash: string | null
  /** Why it was refused; what is written without, beside a body. */
  readonly problems: readonly Problem[]
}

/** For each kind that the rule compiles for: its usual body, then those of the targets it differs at. */
export function writeBodies(
  input: RenderInput,
  content: RuleContent,
  renderings: readonly Rendering[],
): readonly RenderedBody[] {
  const source = new BodySource(input, content)
  const { targets = [] } = input
  const mapped = new Set(renderings.map(({ target }) => target))
  return renderings
    .filter(({ state }) => state === 'ok')
    .flatMap((rendering) => {
      if (rendering.target !== null) {
        return [source.write(rendering, placeNamed(rendering.target, content, targets))]
      }
      const others = whereItDiffers(content, rendering, targets)
      return [
        source.write(rendering, null),
        // A target with a mapping of its own has a rendering of its own, or is refused.
        ...others.filter(({ name }) => !mapped.has(name)).map((at) => source.write(rendering, at)),
      ]
    })
}

/** A target, with what a rule says for it alone. */
interface At {
  readonly name: string
  readonly overlay: Overlay | undefined
  readonly parameters: Readonly<Record<string, unknown>>
  readonly target: MappedPlace | null
}

/** Targets that an overlay names, and those that give a query of the rule's own its parameters. */
function whereItDiffers(
  content: RuleContent,
  { kind, queries }: Rendering,
  targets: readonly MappedPlace[],
): readonly At[] {
  const isAsking = hasOwnQuery(content, kind) && missingParameter(queries) !== undefined
  const asked = targets.filter((one) => one.kind === kind && isAsking).map(({ name }) => name)
  const laidOver = Object.keys(content.overlays).filter(
    (name) => kindOfTarget(name, targets) === kind,
  )
  return [...new Set([...laidOver, ...asked])].map((name) => placeNamed(name, content, targets))
}

function placeNamed(name: string, content: RuleContent, targets: readonly MappedPlace[]): At {
  const overlay = Object.hasOwn(content.overlays, name) ? content.overlays[name] : undefined
  const target = targets.find((one) => one.name === name) ?? null
  return { name, overlay, parameters: { ...target?.parameters, ...overlay?.parameters }, target }
}

/** A target that is not there yet is known by how its name begins: `splunk-london`. */
function kindOfTarget(name: string, targets: readonly MappedPlace[]): Kind | undefined {
  const known = targets.find((one) => one.name === name)
  if (known) return known.kind
  const [first = ''] = name.toLowerCase().split(/[^a-z]/)
  return isKind(first) ? first : undefined
}

class BodySource {
  readonly #content: RuleContent
  readonly #documents: readonly SigmaDocument[]
  readonly #sigma: SigmaText | AppError | null

  constructor({ text, sources, filters }: RenderInput, content: RuleContent) {
    this.#content = content
    const texts = [text, ...sources.map((one) => one.text)]
    this.#documents = texts.flatMap((one) => parseSigma(one).documents)
    const { kind, logsource } = content
    const bare = content.format === 'native' ? null : withoutOurs(text)
    const own = filters.map((one) => boundTo(one, content))
    const over = [...own, ...sources.flatMap((one) => one.filters)]
    const others = [...texts.slice(1).map(bareOrWhole), ...over]
    this.#sigma = typeof bare === 'string' ? { ...logsource, kind, text: bare, others } : bare
  }

  write(rendering: Rendering, at: At | null): RenderedBody {
    const { kind } = rendering
    const { value, problems } = this.#written(rendering, at)
    const overlay = at?.name ?? null
    if (value === undefined) return { kind, overlay, body: null, bodyHash: null, problems }
    return { kind, overlay, body: value, bodyHash: contentHash(value), problems }
  }

  #written(rendering: Rendering, at: At | null): Written {
    const needsSigma = rendering.kind === 'local' || rendering.kind === 'opensearch'
    if (needsSigma && this.#sigma instanceof AppError) return { problems: [oddText(this.#sigma)] }
    const rule = this.#ruleFor(rendering, at)
    const isOwn = hasOwnQuery(this.#content, rendering.kind)
    const missing = isOwn ? missingParameter(rule.queries) : undefined
    if (missing === undefined) return writeRule(rendering.kind, rule)
    return { problems: [noParameter(missing)] }
  }

  #ruleFor(rendering: Rendering, at: At | null): RuleToWrite {
    const overlay = at?.overlay
    const content = this.#content
    const { kind, queries, indexes, language } = rendering
    const own = content.implementations[kind]
    const { type = 'query', settings = {} } = own ?? {}
    const { title, description, author, references, tags, falsepositives } = content
    const { titleTemplate, throttle } = content
    const entities = own?.entities ?? content.entities
    const name = this.#fieldNames(rendering, at)
    const sigma = this.#sigma instanceof AppError ? null : this.#sigma
    return {
      title,
      description,
      author,
      references,
      tags,
      falsepositives,
      titleTemplate,
      level: overlay?.level ?? content.level,
      license: null,
      type,
      language,
      queries: queries.map((query) => withParameters(query, at?.parameters ?? {})),
      indexes,
      schedule: scheduleOf(content, [overlay?.schedule, own?.schedule], this.#neededMs()),
      throttle: throttle === null ? null : throttleOf(throttle, name),
      entities: entities.map((one) => ({ ...one, field: name(one.field) })),
      output: outputOf(content, name),
      details: mapValues(content.details, name),
      drilldowns: content.drilldowns.map(({ name: label, query, window }) => ({
        name: label,
        query,
        windowMs: window === undefined ? null : parseDuration(window)!,
      })),
      threshold: overlay?.threshold ?? null,
      settings: { ...settings, ...overlay?.settings },
      sigma: hasOwnQuery(content, kind) ? null : sigma,
    }
  }

  #neededMs(): number {
    const [document] = this.#documents
    return document?.kind === 'correlation' ? 1000 * document.timespanSeconds : 0
  }

  /** Fields are named as the rule names them; where it is compiled they are called as the query does. */
  #fieldNames({ kind, target }: Rendering, at: At | null): (field: string) => string {
    const { printer } = KIND_ROWS[kind]
    const rule = this.#documents.find((one) => one.kind === 'rule')
    if (!printer || !rule || hasOwnQuery(this.#content, kind)) return (field) => field
    const { pipelines } = pipelinesFor(kind, target === null ? null : (at?.target ?? null))
    return (field) => mappedField(rule, field, pipelines)
  }
}

function hasOwnQuery({ implementations }: RuleContent, kind: Kind): boolean {
  return implementations[kind]?.query !== undefined
}

/** The Sigma document alone; an error for a text that cannot be edited safely. */
function withoutOurs(text: string): string | AppError {
  try {
    return editRuleText(text, [{ kind: 'remove', path: ['rulewright'] }])
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

/**
 * An exclusion as the place reads it, which binds by id or name and by log source: here it is bound to the
 * rule whatever it is called by now. A rule with neither id nor name cannot be named there.
 */
function boundTo(filter: string, { sigmaId, name, logsource }: RuleContent): string {
  // What a target is given holds one rule, so a rule that bears no name is all there is.
  const reference = sigmaId ?? name
  const edits: RuleEdit[] = [
    { kind: 'remove', path: ['rulewright'] },
    { kind: 'set', path: ['filter', 'rules'], value: reference === null ? 'any' : [reference] },
  ]
  if (logsource !== null) edits.push({ kind: 'set', path: ['logsource'], value: logsource })
  try {
    return editRuleText(filter, edits)
  } catch (error) {
    // A text that cannot be edited safely stays as somebody wrote it.
    if (error instanceof AppError) return filter
    throw error
  }
}

/** What a rule builds on is not edited by hand here, so a text that cannot be is taken as it is. */
function bareOrWhole(text: string): string {
  const bare = withoutOurs(text)
  return typeof bare === 'string' ? bare : text
}

function oddText({ message }: AppError): Problem {
  return { code: 'body/text', severity: 'error', message }
}

const PARAMETER = /\$\{([\w-]+(?:\.[\w-]+)*)\}/g

/** What is no parameter stays as it is: `${IFS}` is something that rules look for. */
function withParameters(query: string, parameters: Readonly<Record<string, unknown>>): string {
  return query.replaceAll(PARAMETER, (written, name: string) =>
    Object.hasOwn(parameters, name) ? String(parameters[name]) : written,
  )
}

/** A name with a dot in it can only be meant as a parameter. */
function missingParameter(queries: readonly string[]): string | undefined {
  const names = queries.flatMap((query) => Array.from(query.matchAll(PARAMETER), ([, one]) => one!))
  return names.find((name) => name.includes('.'))
}

function noParameter(name: string): Problem {
  return {
    code: 'body/parameter',
    severity: 'error',
    message: `The query needs the parameter ${name}, which nobody gives a value.`,
    hint: 'Give it to the target, or write it into its overlay, under parameters.',
  }
}

/**
 * What the target's overlay says stands over what the vendor's part says, and that over what the rule
 * says; of cadence and cron only one counts.
 */
function scheduleOf(
  { schedule }: RuleContent,
  [overlay, own]: readonly [Overlay['schedule'], Overlay['schedule']],
  neededMs: number,
): RunSchedule {
  const rhythm = [overlay, own].find((one) => one?.every ?? one?.cron) ?? schedule
  const over = overlay || own ? { ...own, ...overlay } : undefined
  const both = { ...schedule, ...over }
  const read = (text: string | undefined) => (text === undefined ? null : parseDuration(text)!)
  const everyMs = read(rhythm?.every)
  // A window for a faster rhythm would leave gaps in a slower one.
  const isShort = over?.window === undefined && (read(both.window) ?? 0) < (everyMs ?? 0)
  const window = over !== undefined && isShort ? undefined : both.window
  return {
    everyMs,
    cron: rhythm?.cron ?? null,
    offsetMs: read(both.offset),
    windowMs: read(window),
    timeField: both.timeField ?? 'event',
    mode: both.mode ?? 'scheduled',
    neededMs,
  }
}

function throttleOf(
  { mode, fields = [], period, missing }: NonNullable<RuleContent['throttle']>,
  nameOf: (field: string) => string,
): Throttle {
  return {
    mode: mode ?? (fields.length > 0 ? 'per_value' : 'all'),
    fields: fields.map(nameOf),
    periodMs: parseDuration(period)!,
    missing: missing ?? null,
  }
}

function outputOf(
  { output, entities }: RuleContent,
  nameOf: (field: string) => string,
): RuleToWrite['output'] {
  const { kind, objects, score = SCORE, message = null } = output
  // Without objects of their own, the entities are what bears the risk.
  const bearing = objects ?? (kind === 'risk' ? entities : [])
  return {
    kind,
    message,
    objects: bearing.map((one) => ({
      type: one.type,
      field: nameOf(one.field),
      score: ('score' in one ? one.score : undefined) ?? score,
    })),
  }
}

const SCORE = 50

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
