// Kinds of settings. Each knows how its value is spelled in the file, how the same value is spelled in
// the environment, what to say when it is wrong, and what a person should know before changing it.
// The texts are what config.example.toml and docs/settings.md are made of.

import { z } from 'zod'
import { parseDuration } from '#kernel/time.ts'

export interface SettingTexts {
  /** What it does, one sentence. */
  readonly about: string
  /** When to change it, one sentence. */
  readonly change: string
}

export interface Setting<T> extends SettingTexts {
  readonly schema: z.ZodType<T>
  /** The default as the file spells it; undefined when there is none. */
  readonly fallback: unknown
  /** How a text from the environment or a flag becomes what the file would hold. */
  readonly form: 'text' | 'count' | 'switch' | 'list'
  /** Completes "expected …". */
  readonly expected: string
  /** A value worth showing when there is no default. */
  readonly example?: unknown
  readonly isSecret: boolean
}

/** Comes from a file of its own or from the environment, never from the settings file. */
export interface SecretSetting extends Setting<string | undefined> {
  readonly isSecret: true
}

export type ValueOf<S> = S extends Setting<infer T> ? T : never

export function duration(
  fallback: string,
  bounds: { readonly min: string; readonly max: string },
  texts: SettingTexts,
): Setting<number> {
  const [min, max] = [parseDuration(bounds.min)!, parseDuration(bounds.max)!]
  const schema = z
    .string()
    .transform((spelled) => parseDuration(spelled) ?? Number.NaN)
    .refine((ms) => ms >= min && ms <= max)
  const expected = `a duration from ${bounds.min} to ${bounds.max}, such as "${fallback}"`
  return { ...texts, schema, fallback, form: 'text', isSecret: false, expected }
}

export function count(
  fallback: number,
  bounds: { readonly min: number; readonly max: number },
  texts: SettingTexts,
): Setting<number> {
  const schema = z.int().min(bounds.min).max(bounds.max)
  const expected = `a whole number from ${bounds.min} to ${bounds.max}`
  return { ...texts, schema, fallback, form: 'count', isSecret: false, expected }
}

/** On or off. */
export function toggle(fallback: boolean, texts: SettingTexts): Setting<boolean> {
  return {
    ...texts,
    schema: z.boolean(),
    fallback,
    form: 'switch',
    isSecret: false,
    expected: 'true or false',
  }
}

export function choice<const T extends string>(
  options: readonly T[],
  fallback: NoInfer<T>,
  texts: SettingTexts,
): Setting<T> {
  const expected = `one of ${options.map((option) => JSON.stringify(option)).join(', ')}`
  return { ...texts, schema: z.enum(options), fallback, form: 'text', isSecret: false, expected }
}

export interface TextRule {
  readonly isValid: (value: string) => boolean
  readonly expected: string
}

export function text(fallback: string, rule: TextRule, texts: SettingTexts): Setting<string> {
  const schema = z.string().max(TEXT_CHARS_MAX).refine(rule.isValid)
  return { ...texts, schema, fallback, form: 'text', isSecret: false, expected: rule.expected }
}

/** Absent unless it is set. */
export function optionalText(
  example: string,
  rule: TextRule,
  texts: SettingTexts,
): Setting<string | undefined> {
  const schema = z.string().max(TEXT_CHARS_MAX).refine(rule.isValid).optional()
  return {
    ...texts,
    schema,
    fallback: undefined,
    form: 'text',
    isSecret: false,
    expected: rule.expected,
    example,
  }
}

export function list(
  rule: TextRule,
  example: readonly string[],
  texts: SettingTexts,
): Setting<readonly string[]> {
  const schema = z.array(z.string().max(TEXT_CHARS_MAX).refine(rule.isValid)).max(LIST_ITEMS_MAX)
  const expected = `a list of ${rule.expected}`
  return { ...texts, schema, fallback: [], form: 'list', isSecret: false, expected, example }
}

/** In the file `<key>_file` names a file that holds it; in the environment `…_FILE`, or the value. */
export function secret(example: string, texts: SettingTexts): SecretSetting {
  const schema = z.string().min(1).max(TEXT_CHARS_MAX).optional()
  const expected = 'the path of a file that only its owner can read'
  return { ...texts, schema, fallback: undefined, form: 'text', expected, example, isSecret: true }
}

const TEXT_CHARS_MAX = 4_096
const LIST_ITEMS_MAX = 1_000
