import { Component, lazy, type ReactNode, Suspense } from "react";

const DrawingFault = lazy(() => import("./Fault"));

interface BoundaryState {
  readonly error: Error | null;
}

/** What fails while the room is drawn takes down the room only, never the lesson beside it. */
export class FaultBoundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: Error): BoundaryState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Suspense>
        <DrawingFault error={error} onRewind={() => this.setState({ error: null })} />
      </Suspense>
    );
  }
}
