// Every command of the product, in the order of the help text.

import type { Command } from './command.ts'
import { serve } from './serve.ts'

export const COMMANDS: readonly Command[] = [serve]
