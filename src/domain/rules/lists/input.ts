// What doors accept about reference lists.

import { z } from 'zod'
import { Owner } from '#domain/rules/product-key.ts'
import { LIST_SHAPES, LIST_VALUE_CHARS_MAX, LIST_VALUES_MAX, LIST_VALUES_USUAL } from './list.ts'

/** As rules name it between percent signs; it never changes. */
const Name = z
  .string()
  .regex(/^\w{1,64}$/, 'A name is up to 64 letters, digits and underscores: rules write %name%.')
const Value = z
  .string()
  .max(LIST_VALUE_CHARS_MAX)
  .regex(/^[^\p{Cc}]*$/u, 'A value is one line without control characters.')
const Values = z.array(Value).max(LIST_VALUES_MAX)
const About = z.string().trim().max(2_000)
const terms = {
  owner: Owner.optional(),
  /** The day its owner looks at it again, `YYYY-MM-DD`. */
  reviewBy: z.iso.date().optional(),
}

export const NewListInput = z.strictObject({
  name: Name,
  values: Values,
  about: About.default(''),
  shape: z.enum(LIST_SHAPES).default('text'),
  valuesMax: z.int().min(1).max(LIST_VALUES_MAX).default(LIST_VALUES_USUAL),
  ...terms,
})
export type NewListInput = z.infer<typeof NewListInput>

export const ListChangeInput = z
  .strictObject({
    values: Values.optional(),
    about: About.optional(),
    shape: z.enum(LIST_SHAPES).optional(),
    valuesMax: z.int().min(1).max(LIST_VALUES_MAX).optional(),
    ...terms,
    why: z.string().trim().max(2_000).default(''),
  })
  .refine(({ why: _, ...rest }) => Object.values(rest).some((one) => one !== undefined), {
    message: 'Name what shall change.',
  })
export type ListChangeInput = z.infer<typeof ListChangeInput>
