export interface Served {
  /** Where the folder is found, with the base and its slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export function serve(options: {
  folder: string;
  base?: string;
  port?: number;
  onTaken?: (port: number) => void;
}): Promise<Served>;
