// Offers a query of any language but Kusto as Sigma, in a worker thread.

import { readEqlSimply } from '#languages/sigma-offer/eql.ts'
import { readEsqlSimply } from '#languages/sigma-offer/esql.ts'
import {
  evaluateEqlFor,
  evaluateEsqlFor,
  evaluateSplFor,
} from '#languages/sigma-offer/evaluators.ts'
import { offerSigma, type OfferTools, type SigmaOffer } from '#languages/sigma-offer/offer.ts'
import type { NoOffer } from '#languages/sigma-offer/read.ts'
import { readSplSimply } from '#languages/sigma-offer/spl.ts'
import type { OfferToMake } from './task.ts'

const TOOLS: Readonly<Record<Exclude<OfferToMake['language'], 'kusto'>, OfferTools>> = {
  spl: {
    read: readSplSimply,
    evaluate: { query: evaluateSplFor, compiled: evaluateSplFor },
  },
  esql: {
    read: readEsqlSimply,
    evaluate: { query: evaluateEsqlFor, compiled: evaluateEsqlFor },
  },
  // A rule compiles to ES|QL there.
  eql: {
    read: readEqlSimply,
    evaluate: { query: evaluateEqlFor, compiled: evaluateEsqlFor },
  },
}

export function offerSigmaHere(asked: OfferToMake): SigmaOffer | NoOffer {
  const { language } = asked
  if (language === 'kusto') return { code: 'not_evaluated', message: 'Kusto is read elsewhere.' }
  return offerSigma(asked, TOOLS[language])
}
