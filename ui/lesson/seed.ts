/** The first run of everybody, so that the prerendered picture is the one that comes alive. */
export const SEED = 3;
