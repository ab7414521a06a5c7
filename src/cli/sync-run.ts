// One run over a folder: compare, merge, write, send, and tell. What is told goes to standard output, a
// line for each document that is not the same on both sides.

import { randomUUID } from 'node:crypto'
import { describeChanges } from '#domain/rules/merge/changes-in-words.ts'
import { editRuleText } from '#domain/rules/edit.ts'
import { type FiledRule, pathOf } from '#domain/rules/files/folder.ts'
import { type Conflict, mergeRuleTexts } from '#domain/rules/merge/merge.ts'
import {
  keyOf,
  type Identity,
  type LocalDocument,
  type LockEntry,
  planSync,
  type PlannedDocument,
  type SyncPlan,
} from '#domain/rules/files/sync.ts'
import { AppError } from '#kernel/error.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { valueOf } from '#languages/sigma/yaml.ts'
import { Progress } from './progress.ts'
import type { Server } from './server.ts'
import type { Shell } from './shell.ts'
import { SyncFolder } from './sync-folder.ts'
import {
  askRules,
  askTexts,
  askWorkspace,
  type PushResult,
  sendFiles,
  textKey,
  type ToConfirm,
  type ToPush,
} from './sync-server.ts'

export type Mode = 'status' | 'diff' | 'push' | 'pull' | 'sync'

export interface SyncOptions {
  readonly mode: Mode
  readonly shell: Shell
  readonly server: Server
  readonly root: string
  readonly writesIds: boolean
}

/** A document with the texts of its three sides, where they are needed. */
interface Opened extends PlannedDocument {
  readonly theirs?: string
  readonly merged?: string
  readonly conflicts?: readonly Conflict[]
}

export class SyncRun {
  readonly #mode: Mode
  readonly #shell: Shell
  readonly #server: Server
  readonly #folder: SyncFolder
  readonly #writesIds: boolean
  readonly #lock = new Map<string, LockEntry>()
  #isFine = true
  readonly #counts = new Map<string, number>()

  constructor({ mode, shell, server, root, writesIds }: SyncOptions) {
    this.#mode = mode
    this.#shell = shell
    this.#server = server
    this.#folder = new SyncFolder(root)
    this.#writesIds = writesIds
  }

  /** False when something needs a person: a conflict, a refused text, an id used twice. */
  async run(): Promise<boolean> {
    const [workspace, remote, opened] = await Promise.all([
      askWorkspace(this.#server),
      askRules(this.#server),
      this.#folder.open(),
    ])
    const lock = await this.#folder.readLock(workspace)
    for (const [key, entry] of lock) this.#lock.set(key, entry)
    const plan = planSync({ local: opened.documents, lock, remote, identify })
    const undecided = plan.documents.filter(({ local }) => opened.undecided.has(keyOf(local)))
    for (const { local } of undecided) this.#tell('undecided', local, UNDECIDED)
    const open = plan.documents.filter((one) => !undecided.includes(one))
    const documents = await this.#openTexts(open)
    if (this.#mode === 'status' || this.#mode === 'diff') this.#report(documents, plan)
    else {
      this.#settleConflicts(documents)
      await this.#layConflictsBeside(documents)
      if (this.#mode !== 'push') await this.#pull(documents, plan, opened.documents)
      if (this.#mode !== 'pull') await this.#push(documents)
      this.#tellRest(documents)
      this.#forgetGone(plan)
      await this.#folder.save()
      await this.#folder.writeLock(workspace, this.#lock)
    }
    this.#sum(plan)
    return this.#isFine
  }

  /** Fetches what hashes do not tell, and merges where both sides changed. */
  async #openTexts(planned: readonly PlannedDocument[]): Promise<readonly Opened[]> {
    const needsTheirs = ({ state, rule }: PlannedDocument) =>
      rule !== undefined &&
      (state === 'both' || state === 'behind' || (state === 'ahead' && this.#mode === 'diff'))
    const wanted = planned
      .filter(needsTheirs)
      .flatMap(({ rule, base, state }) => [
        { rule: rule!.id, version: rule!.version },
        ...(base && state === 'both' ? [{ rule: rule!.id, version: base.version }] : []),
      ])
    const texts = await askTexts(this.#server, wanted)
    return planned.map((one): Opened => {
      const { rule, base, state, local } = one
      if (!needsTheirs(one)) return one
      const theirs = texts.get(textKey(rule!.id, rule!.version))
      if (theirs === undefined) {
        throw new AppError(
          'stale',
          `${keyOf(local)} changed on the server meanwhile. Run this again.`,
        )
      }
      if (state !== 'both') return { ...one, theirs }
      // Without a base nobody knows who changed what: whatever differs is a conflict.
      const common = base && texts.get(textKey(rule!.id, base.version))
      const merge = mergeRuleTexts({ base: common ?? '{}\n', mine: local.text, theirs })
      const { text, conflicts } = merge
      if (conflicts.length > 0) return { ...one, theirs, merged: text, conflicts }
      if (text === theirs) return { ...one, state: 'behind', theirs }
      return text === local.text
        ? { ...one, state: 'ahead', theirs }
        : { ...one, theirs, merged: text }
    })
  }

  #report(documents: readonly Opened[], { onlyThere }: SyncPlan): void {
    for (const one of documents) {
      const { local, state, conflicts, others } = one
      if (state === 'same') continue
      if (state === 'repeated')
        this.#tell('repeated', local, `is the same rule as ${others!.join(', ')}`)
      else if (conflicts) this.#tell('conflict', local, describeConflicts(conflicts))
      else this.#tell(state, local, state === 'removed' ? REMOVED : undefined)
      if (this.#mode === 'diff') this.#tellChanges(one)
    }
    for (const rule of onlyThere) this.#say('only there', `${rule.id}  ${oneLine(rule.title)}`)
  }

  #tellChanges({ local, state, theirs, merged }: Opened): void {
    if (theirs === undefined) return
    const say = (before: string, after: string, where: string) => {
      for (const sentence of describeChanges(before, after)) {
        this.#shell.out(`    ${where}: ${oneLine(sentence)}`)
      }
    }
    if (state === 'ahead') say(theirs, local.text, 'here')
    else if (state === 'behind') say(local.text, theirs, 'there')
    else say(theirs, merged ?? local.text, 'here, after a merge')
  }

  /** Conflicts end the same way whoever asks: this side stays in the file, the other lies beside it. */
  #settleConflicts(documents: readonly Opened[]): void {
    for (const { local, rule, merged, conflicts } of documents) {
      if (conflicts === undefined) continue
      this.#folder.setText(local, merged!)
      this.#remember(local, rule!)
    }
  }

  async #layConflictsBeside(documents: readonly Opened[]): Promise<void> {
    for (const { local, theirs, conflicts } of documents) {
      if (conflicts === undefined) continue
      const beside = await this.#folder.layBeside(local, theirs!)
      const what = `${describeConflicts(conflicts)}; the other side is in ${beside}`
      this.#tell('conflict', local, what)
    }
  }

  async #pull(
    documents: readonly Opened[],
    { onlyThere }: SyncPlan,
    local: readonly LocalDocument[],
  ): Promise<void> {
    for (const { local: one, state, rule, theirs, merged, conflicts } of documents) {
      if (conflicts || (state !== 'behind' && merged === undefined)) continue
      this.#folder.setText(one, merged ?? theirs!)
      this.#remember(one, rule!)
      if (this.#mode === 'pull' || merged === undefined)
        this.#tell(merged ? 'merged' : 'pulled', one)
    }
    // What was deleted here on purpose does not come back by itself.
    const known = new Set([...this.#lock.values()].map(({ rule }) => rule))
    const coming = onlyThere.filter(({ id }) => !known.has(id))
    const texts = await askTexts(
      this.#server,
      coming.map(({ id, version }) => ({ rule: id, version })),
    )
    const taken = new Set(local.map((one) => one.path))
    for (const rule of coming) {
      const text = texts.get(textKey(rule.id, rule.version))
      if (text === undefined) continue
      const place = placeFor(rule, taken)
      taken.add(place)
      const one = { path: place, document: 0 }
      this.#folder.setText(one, text)
      this.#remember(one, rule)
      this.#tell('pulled', one)
    }
  }

  async #push(documents: readonly Opened[]): Promise<void> {
    const files: ToPush[] = []
    const same: ToConfirm[] = []
    for (const { local, state, rule, merged, conflicts } of documents) {
      const { path, document } = local
      if (conflicts) continue
      if (state === 'same' && !isAt(rule!, local)) {
        same.push({ path, document, rule: rule!.id, version: rule!.version })
      }
      if (state !== 'new' && state !== 'ahead' && merged === undefined) continue
      const text = this.#withId(local, merged ?? local.text)
      if (text === undefined) continue
      const over = rule && { over: { rule: rule.id, version: rule.version } }
      files.push({ path, document, text, ...over })
    }
    const progress = new Progress(this.#shell, 'sending rules', files.length)
    const results = await sendFiles(this.#server, files, same, progress)
    progress.clear()
    const byKey = new Map(files.map((file) => [keyOf(file), file]))
    for (const result of results) {
      const file = byKey.get(keyOf(result))
      if (file) this.#settlePushed(file, result)
    }
  }

  /** Undefined when an id should be written and cannot be. */
  #withId(local: LocalDocument, text: string): string | undefined {
    if (!this.#writesIds || identify(text).sigmaId !== null) return text
    try {
      return editRuleText(text, [{ kind: 'set', path: ['id'], value: randomUUID() }])
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      this.#tell('refused', local, error.message)
      return undefined
    }
  }

  #settlePushed(file: ToPush, { outcome, rule, version, contentHash, problems }: PushResult): void {
    if (outcome === 'refused' || rule === undefined || version === undefined || !contentHash) {
      const [first] = problems ?? []
      const line = first?.line === undefined ? '' : `line ${first.line}: `
      this.#tell('refused', file, `${line}${first?.message ?? 'refused'}`)
      return
    }
    this.#folder.setText(file, file.text)
    this.#lock.set(keyOf(file), { rule, version, hash: contentHash })
    this.#tell(outcome === 'created' ? 'created' : 'pushed', file)
  }

  /** What this run did not settle, and why. */
  #tellRest(documents: readonly Opened[]): void {
    for (const { local, state, rule, merged, others } of documents) {
      if (state === 'same') this.#remember(local, rule!)
      if (state === 'repeated')
        this.#tell('repeated', local, `is the same rule as ${others!.join(', ')}`)
      if (state === 'removed') this.#tell('removed', local, REMOVED)
      if (state === 'behind' && this.#mode === 'push') this.#tell('behind', local)
      const isLeft = state === 'new' || state === 'ahead'
      if (isLeft && merged === undefined && this.#mode === 'pull') this.#tell(state, local)
    }
  }

  /** Entries of files that were renamed, and of rules that are on neither side. */
  #forgetGone({ documents, onlyThere }: SyncPlan): void {
    const here = new Set(documents.map(({ local }) => keyOf(local)))
    const there = new Set(onlyThere.map(({ id }) => id))
    for (const [key, { rule }] of this.#lock) {
      if (!here.has(key) && !there.has(rule) && !this.#written.has(key)) this.#lock.delete(key)
    }
  }

  readonly #written = new Set<string>()

  #remember(
    place: Pick<LocalDocument, 'path' | 'document'>,
    { id, version, contentHash }: FiledRule,
  ): void {
    this.#written.add(keyOf(place))
    this.#lock.set(keyOf(place), { rule: id, version, hash: contentHash })
  }

  #tell(
    word: string,
    { path, document }: Pick<LocalDocument, 'path' | 'document'>,
    why?: string,
  ): void {
    const place = document === 0 ? path : `${path}#${document}`
    this.#say(word, why === undefined ? place : `${place}: ${oneLine(why)}`)
  }

  #say(word: string, what: string): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1)
    if (NEEDS_A_PERSON.has(word)) this.#isFine = false
    this.#shell.out(`${word.padEnd(WORD_WIDTH)}${what}`)
  }

  #sum({ documents }: SyncPlan): void {
    const same = documents.filter(({ state }) => state === 'same').length
    const said = [...this.#counts].map(([word, count]) => `${count} ${word}`)
    this.#shell.err([`${documents.length} documents: ${same} the same`, ...said].join(', '))
  }
}

const WORD_WIDTH = 12
const NEEDS_A_PERSON = new Set(['conflict', 'undecided', 'refused', 'repeated'])
const UNDECIDED =
  'the other side still lies beside it; take what you want of it and remove that file'
const REMOVED =
  'its rule is gone or retired there; remove the file, or its entry in the lock file to send it as new'

function identify(text: string): Identity {
  const root = parseSigma(text).outlines[0]?.root
  const read = (key: string) => {
    const node = root && valueOf(root, key)
    const value = node?.kind === 'scalar' ? node.text.trim() : ''
    return value === '' ? null : value
  }
  return { sigmaId: read('id'), title: read('title') }
}

function isAt(rule: FiledRule, { path, document }: LocalDocument): boolean {
  const { file, version } = rule
  return file?.path === path && file.document === document && file.version === version
}

/** Where it stood, if that is a plain place of one document; else the folder of its group. */
function placeFor(rule: FiledRule, taken: ReadonlySet<string>): string {
  const { file } = rule
  const isPlain = file !== null && file.document === 0 && SAFE_PATH.test(file.path)
  return isPlain && !taken.has(file.path) ? file.path : pathOf(rule, taken)
}

/** A server may say anything; nothing is ever written outside of the folder or into a hidden one. */
const SAFE_PATH = /^(?:[\p{L}\p{N}_][\p{L}\p{N}_ .-]*\/)*[\p{L}\p{N}_][\p{L}\p{N}_ .-]*\.ya?ml$/u

function describeConflicts(conflicts: readonly Conflict[]): string {
  const paths = conflicts.map(({ path }) => (path.length === 0 ? 'the whole text' : path.join('.')))
  return `both sides changed ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ' and more' : ''}`
}

function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal obeys them
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 300)
}
