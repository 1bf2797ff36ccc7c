/** Ask, answer, decided again, shown: in five languages and each way of answering; and all that must not join a ticket. */
import { conversationSuite } from '../support/conversation-suite.ts';
import { conversationWorld } from '../support/conversation-world.ts';
import { LANGUAGES } from '../support/conversations.ts';

conversationSuite(conversationWorld(), LANGUAGES);
