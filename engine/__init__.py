"""backprop-live's engine: what a network is and how it learns, in NumPy alone.

A reader who wants to understand backpropagation goes through the files in this order:

1.  `operations`    a training step as a list of array operations
2.  `activations`   φ(z) and φ′(z)
3.  `layers`        the affine map, forward and backward: the chain rule
4.  `losses`        one number for "how wrong", and the gradient at which it all starts
5.  `initializers`  the weights before the first step
6.  `workspace`, `network`   a chain of layers over one flat parameter vector
7.  `optimizer`, `optimizers`    from gradient to weight update; before it, `regularization`
8.  `minibatches`, `plan`, `training`   one step, epochs, iteration; `evaluation` says how well
    it does, and `trainer` looks whether it still does
9.  `diagnostics`, `diagnosis`   what to look at when it does not learn, and what is wrong;
    `divergence`, when it breaks
10. `surgery`       changing the architecture without losing what was learned
11. `datasets`      what there is to learn
12. `recipe`, `run` all of it together: everything that determines a run, and the run
13. `edits`, `experiment`    changing a run while it trains, and replaying it
14. `schedules`, `finder`, `race`    what the learning rate does

Shapes are written `(..., batch, units)`; a leading axis, where there is one, counts replicas.
Inside, where speed counts (2 to 6), every array lies transposed, `(..., units, batch)`: so a layer
is z = W x + b with W (units, fan_in), and `weight` (fan_in, units) is a view of it for the public.
"""

from engine.activations import activations
from engine.initializers import initializers
from engine.losses import losses
from engine.network import Network
from engine.optimizers import optimizers
from engine.trainer import Trainer

__all__ = ["Network", "Trainer", "activations", "initializers", "losses", "optimizers"]
