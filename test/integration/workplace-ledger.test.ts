/** The ledger as the place where associates work. */
import { describe } from 'vitest';
import { workplaceContract } from '../support/workplace-contract.ts';
import { openWorkplaceLedger } from '../support/workplace-ledger.ts';

describe('the ledger', () => void workplaceContract(openWorkplaceLedger));
