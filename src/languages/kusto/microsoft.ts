// The only door to Microsoft's Kusto parser and binder: what we use of it, typed by hand. Names like
// `$ctor7` are overloads numbered by the transpiler and may shift between versions, so each is called
// in one place here and has a test. Loading takes about 0.2 s and 60 MB: only a worker does it.

// oxlint-disable-next-line import/no-unassigned-import -- sets a global
import './bridge.ts'
// oxlint-disable-next-line import/no-unassigned-import -- sets a global
import '@kusto/language-service-next/Kusto.Language.Bridge.min.js'
import type { Range } from '#languages/query.ts'

/** A node or token of Microsoft's syntax tree; named parts are read with `part`. */
export interface Syntax {
  readonly Kind: number
  readonly ChildCount: number
  readonly TextStart: number
  readonly End: number
  GetChild(index: number): Syntax | null
}

export interface SyntaxToken extends Syntax {
  readonly Text: string
  /** White space and comments before it. */
  readonly Trivia: string
  readonly TriviaStart: number
  readonly ValueText: string
}

export interface Diagnostic {
  readonly Code: string
  readonly Severity: string
  readonly Message: string
  readonly Start: number
  readonly Length: number
}

interface List<T> {
  readonly Count: number
  getItem(index: number): T
}

export interface Code {
  readonly Kind: string
  readonly Syntax: Syntax
  GetDiagnostics(): List<Diagnostic>
  GetSyntaxDiagnostics(): List<Diagnostic>
}

export interface Globals {
  WithDatabase(database: unknown): Globals
}

interface Named {
  readonly Name: string
  readonly Description?: string
}
interface TableSymbol extends Named {
  WithIsOpen(isOpen: boolean): TableSymbol
}
export type KustoSymbol = Named

interface CompletionItem {
  readonly Kind: number
  readonly DisplayText: string
}

interface CodeService {
  GetCompletionItems(offset: number): {
    readonly EditStart: number
    readonly EditLength: number
    readonly Items: List<CompletionItem>
  }
  GetQuickInfo(offset: number): { readonly Text: string | null }
  GetClassifications(
    start: number,
    length: number,
  ): { readonly Classifications: List<{ Kind: number; Start: number; Length: number }> }
}

type Constructor<Arguments extends unknown[], T> = new (...given: Arguments) => T
type Numbers = Readonly<Record<string, unknown>>

interface Library {
  readonly KustoCode: {
    Parse(text: string): Code
    ParseAndAnalyze(text: string, globals: Globals): Code
  }
  readonly GlobalState: { readonly Default: Globals }
  readonly Syntax: { readonly SyntaxKind: Numbers }
  readonly Functions: { readonly All: unknown }
  readonly Aggregates: { readonly All: unknown }
  readonly PlugIns: { readonly All: unknown }
  readonly Symbols: {
    readonly SymbolKind: Numbers
    readonly Tabularity: { readonly Tabular: unknown }
    readonly TableSymbol: {
      readonly $ctor7: Constructor<[name: string, schema: string, about: null], TableSymbol>
    }
    readonly DatabaseSymbol: {
      readonly ctor: Constructor<[name: string, members: KustoSymbol[]], unknown>
    }
    readonly FunctionSymbol: {
      readonly $ctor1: Constructor<
        [name: string, returns: () => TableSymbol, tabularity: unknown, parameters: unknown],
        KustoSymbol
      >
    }
    readonly Parameter: { ParseList(text: string): unknown }
  }
  readonly Editor: {
    readonly KustoCodeService: {
      readonly $ctor1: Constructor<[text: string, globals: Globals], CodeService>
    }
    readonly CompletionKind: Numbers
    readonly ClassificationKind: Numbers
  }
}

declare const Bridge: { toArray<T>(list: unknown): T[] }

const library = (globalThis as unknown as { readonly Kusto: { readonly Language: Library } }).Kusto
  .Language
const { Symbols, Editor } = library

const SYNTAX_KINDS = namesOf(library.Syntax.SyntaxKind)
const SYMBOL_KINDS = namesOf(Symbols.SymbolKind)
const COMPLETION_KINDS = namesOf(Editor.CompletionKind)
const CLASSIFICATION_KINDS = namesOf(Editor.ClassificationKind)

function namesOf(kinds: Numbers): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  for (const [name, value] of Object.entries(kinds)) {
    if (typeof value === 'number') found.set(value, name)
  }
  return found
}

export function parse(text: string): Code {
  return library.KustoCode.Parse(text)
}

export function parseAndBind(text: string, globals: Globals): Code {
  return library.KustoCode.ParseAndAnalyze(text, globals)
}

/** Tables and functions a query may name, beside everything that is built in. */
export function globalsWith(members: KustoSymbol[]): Globals {
  return library.GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('db', members))
}

/** `schema` is Kusto's own spelling: `(Name:string, Time:datetime)`. */
export function tableSymbol(name: string, schema: string): KustoSymbol {
  return new Symbols.TableSymbol.$ctor7(name, schema, null)
}

/** A function whose rows have these columns and perhaps others. */
export function openFunction(name: string, parameters: string, schema: string): KustoSymbol {
  const rows = new Symbols.TableSymbol.$ctor7('', schema, null).WithIsOpen(true)
  const list = Symbols.Parameter.ParseList(parameters)
  return new Symbols.FunctionSymbol.$ctor1(name, () => rows, Symbols.Tabularity.Tabular, list)
}

export function kindOf(node: Syntax): string {
  return SYNTAX_KINDS.get(node.Kind) ?? 'None'
}

/** A named part of a node: `part(join, 'ConditionClause')`. Undefined when it is left out. */
export function part(node: Syntax, name: string): Syntax | undefined {
  return (node as unknown as Readonly<Record<string, Syntax | null>>)[name] ?? undefined
}

export function childrenOf(node: Syntax): readonly Syntax[] {
  const found: Syntax[] = []
  for (let index = 0; index < node.ChildCount; index++) {
    const child = node.GetChild(index)
    if (child) found.push(child)
  }
  return found
}

export function isToken(node: Syntax): node is SyntaxToken {
  return 'Trivia' in node && typeof node.Trivia === 'string'
}

/** Every token with text, in order, and the end with the trivia before it. */
export function* tokensOf(node: Syntax): Generator<SyntaxToken> {
  if (isToken(node)) yield node
  else for (const child of childrenOf(node)) yield* tokensOf(child)
}

export function rangeOf(node: Syntax): Range {
  return { start: node.TextStart, end: Math.max(node.TextStart, node.End) }
}

/** What the binder found a name to stand for: `Column`, `Table`, `Variable`, … */
export function referentKind(node: Syntax): string | null {
  const symbol = (node as { readonly ReferencedSymbol?: { readonly Kind: number } | null })
    .ReferencedSymbol
  return symbol ? (SYMBOL_KINDS.get(symbol.Kind) ?? null) : null
}

export function toArray<T>(list: List<T>): readonly T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index))
}

/** The built-in functions, aggregates and plug-ins. */
export function builtIns(kind: 'Functions' | 'Aggregates' | 'PlugIns'): readonly Named[] {
  return Bridge.toArray<Named>(library[kind].All)
}

export interface Completions extends Range {
  readonly items: readonly { readonly kind: string; readonly text: string }[]
}

export function completionsAt(text: string, globals: Globals, offset: number): Completions {
  const found = new Editor.KustoCodeService.$ctor1(text, globals).GetCompletionItems(offset)
  const items = toArray(found.Items).map((item) => ({
    kind: COMPLETION_KINDS.get(item.Kind) ?? '',
    text: item.DisplayText,
  }))
  return { items, start: found.EditStart, end: found.EditStart + found.EditLength }
}

export function quickInfo(text: string, globals: Globals, offset: number): string | null {
  const { Text } = new Editor.KustoCodeService.$ctor1(text, globals).GetQuickInfo(offset)
  return Text ? Text : null
}

export interface Classified extends Range {
  readonly kind: string
}

export function classify(text: string, globals: Globals): readonly Classified[] {
  const service = new Editor.KustoCodeService.$ctor1(text, globals)
  return toArray(service.GetClassifications(0, text.length).Classifications).map((one) => ({
    kind: CLASSIFICATION_KINDS.get(one.Kind) ?? '',
    start: one.Start,
    end: one.Start + one.Length,
  }))
}
