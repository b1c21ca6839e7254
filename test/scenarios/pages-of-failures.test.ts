import { testFolders } from '../support/scenario-pages.ts';

testFolders(['failures']);
