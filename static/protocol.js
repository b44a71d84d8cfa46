// Written by `python -m server.protocol` from server/protocol/: change it there.
// What client and server say to each other: types, bounds, and the decoder of frames.

export const PROTOCOL_VERSION = 1;

/** Frames that may be received and not yet acknowledged. */
export const MAX_CREDIT = 2;

export const MAX_MESSAGE_BYTES = 65536;

/** The close code of a viewer that will not come back to its session. */
export const FOR_GOOD = 4000;

/** Every number's smallest and largest value, by the name of its field. */
export const BOUNDS = Object.freeze({
  id: [0, 9007199254740991],
  frame: [0, 9007199254740991],
  count: [1, 100000],
  steps_per_second: [1, 1000000],
  learning_rate: [0, 100],
  batch_size: [1, 2000],
  l1: [0, 10],
  l2: [0, 10],
  clip_norm: [1e-6, 1000000],
  samples: [20, 2000],
  noise: [0, 1],
  test_share: [0, 0.9],
  arms: [2, 5],
  units: [1, 32],
  dropout: [0, 0.9],
  std: [0, 100],
  seed: [0, 4294967295],
  layer: [0, 9],
  position: [1, 9],
  unit: [0, 255],
  input: [0, 255],
  value: [-1000000, 1000000],
  index: [0, 100000],
  example: [0, 1999],
  low: [1e-8, 1000],
  high: [1e-8, 1000],
  rates: [1e-8, 1000],
  replicas: [2, 64],
  lane: [0, 3],
  replica: [0, 63],
  steps: [1, 10000000],
  "find_rate.steps": [20, 5000],
  begin: [0, 10000000],
  final: [0, 1],
  t: [0, 10000000],
  factor: [1e-8, 1000],
  size: [5, 101],
  made: [0, 9007199254740991],
});

/** The types of all commands. */
export const COMMANDS = [
  "create",
  "join",
  "ack",
  "play",
  "pause",
  "step",
  "speed",
  "set",
  "data",
  "features",
  "add_neuron",
  "remove_neuron",
  "add_layer",
  "remove_layer",
  "set_layer",
  "set_parameter",
  "reset",
  "select_example",
  "focus",
  "race",
  "adopt",
  "find_rate",
  "map_loss",
  "cut_loss",
  "close",
  "microscope",
  "check_gradient",
  "shares",
  "represent",
  "look_back",
  "go_on",
  "undo",
  "redo",
  "recover",
];

/** The types of all messages. */
export const MESSAGES = ["welcome", "reply", "refused", "dataset", "topology", "event"];

/** @typedef {"linear" | "relu" | "leaky_relu" | "elu" | "silu" | "gelu" | "sigmoid" | "tanh" | "softplus"} ActivationName */

/** @typedef {"moons" | "circle" | "xor" | "gauss" | "spiral" | "rings" | "arms" | "plane" | "gaussian" | "sine" | "penguins" | "iris" | "wine" | "breast_cancer" | "mpg" | "digits"} DatasetName */

/** @typedef {"sgd" | "momentum" | "nesterov" | "adagrad" | "rmsprop" | "adam" | "adamw"} OptimizerName */

/** @typedef {"momentum" | "epsilon" | "alpha" | "beta1" | "beta2" | "weight_decay"} OptimizerOptionName */

/** @typedef {"half_squared_error" | "mean_squared_error" | "huber" | "binary_cross_entropy" | "cross_entropy"} LossName */

/** @typedef {"x1" | "x2" | "x1_squared" | "x2_squared" | "x1_x2" | "sin_x1" | "sin_x2"} FeatureName */

/** @typedef {"glorot_uniform" | "glorot_normal" | "he_uniform" | "he_normal" | "lecun_uniform" | "lecun_normal" | "uniform" | "normal" | "zeros"} InitializerName */

/** @typedef {"constant" | "step" | "exponential" | "cosine" | "warmup" | "one_cycle" | "curve"} ScheduleKind */

/** @typedef {"random" | "gradient" | "path"} PlaneName */

/**
 * One hidden layer.
 * @typedef {object} LayerSpec
 * @property {number} units 1 to 32
 * @property {ActivationName} [activation]
 * @property {boolean} [batch_norm]
 * @property {number} [dropout] 0 to 0.9
 */

/**
 * All that determines a run. What is left out has the default.
 * @typedef {object} RecipeFields
 * @property {DatasetName} [dataset]
 * @property {number} [samples] 20 to 2000; How many examples to generate (tables have their own).
 * @property {number} [noise] 0 to 1; As a share of the most noise there is.
 * @property {number} [test_share] 0 to 0.9; The share of examples kept from training.
 * @property {number} [arms] 2 to 5; Arms of the spiral, one class each.
 * @property {number} [learning_rate] 0 to 100
 * @property {number} [batch_size] 1 to 2000
 * @property {number} [l1] 0 to 10
 * @property {number} [l2] 0 to 10
 * @property {number | null} [clip_norm] 1e-6 to 1000000; The longest gradient that is not shortened; null switches clipping off.
 * @property {OptimizerName} [optimizer]
 * @property {Partial<Record<OptimizerOptionName, number>>} [optimizer_options]
 * @property {LossName} [loss]
 * @property {ActivationName} [output_activation]
 * @property {ScheduleFields} [schedule]
 * @property {FeatureName[]} [features] What the network sees of a point of the plane; tables and images always show all columns.
 * @property {LayerSpec[]} [layers]
 * @property {InitializerName} [initializer]
 * @property {number} [std] 0 to 100; Standard deviation of the initial weights, for the initializer "normal".
 * @property {number} [seed] 0 to 4294967295
 */

/**
 * One hidden layer of the recipe in force.
 * @typedef {object} HiddenLayer
 * @property {number} units
 * @property {ActivationName} activation
 * @property {boolean} batch_norm
 * @property {number} dropout
 */

/**
 * The whole recipe in force, edits included: create makes the same run of it.
 * @typedef {object} Recipe
 * @property {DatasetName} dataset
 * @property {number} samples How many examples to generate (tables have their own).
 * @property {number} noise As a share of the most noise there is.
 * @property {number} test_share The share of examples kept from training.
 * @property {number} arms Arms of the spiral, one class each.
 * @property {number} learning_rate
 * @property {number} batch_size
 * @property {number} l1
 * @property {number} l2
 * @property {number | null} clip_norm The longest gradient that is not shortened; null switches clipping off.
 * @property {OptimizerName} optimizer
 * @property {Partial<Record<OptimizerOptionName, number>>} optimizer_options
 * @property {LossName} loss
 * @property {ActivationName} output_activation
 * @property {ScheduleFields} schedule
 * @property {FeatureName[]} features What the network sees of a point of the plane; tables and images always show all columns.
 * @property {HiddenLayer[]} layers
 * @property {InitializerName} initializer
 * @property {number} std Standard deviation of the initial weights, for the initializer "normal".
 * @property {number} seed
 */

/**
 * The training part or the test part of a data set.
 * @typedef {object} DataPart
 * @property {number} count
 * @property {number[][]} points Raw coordinates, for the plane and the curve; empty for tables and images.
 * @property {number[]} targets Class indices or values, one for each point.
 */

/**
 * Where a layer lies. Its block of parameters is [units, fan_in + 1], row by row: the weight from input i to unit j at offset + j·(fan_in + 1) + i, the bias of unit j after its weights.
 * @typedef {object} LayerInfo
 * @property {number} index
 * @property {"input" | "hidden" | "output"} kind
 * @property {number} units
 * @property {number} row The layer's first row in the tensors that have a row for each unit.
 * @property {string[]} names What the units stand for: inputs and outputs alone have names.
 * @property {string | null} activation
 * @property {boolean} batch_norm
 * @property {number} dropout
 * @property {number} fan_in
 * @property {number | null} offset
 * @property {number | null} scale_offset Where the batch normalisation's scales γ begin, one for each unit.
 * @property {number | null} shift_offset Where its shifts β begin.
 */

/**
 * How the learning rate changes from here on: by what factor, in which step.
 * @typedef {object} ScheduleFields
 * @property {ScheduleKind} [kind]
 * @property {number} [steps] 1 to 10000000; How long its course takes; for "step", the time between two drops.
 * @property {number} [final] 0 to 1; The factor that it comes down to (warm-up: begins at); for "step", that of each drop.
 * @property {number} [begin] 0 to 10000000; The step that it begins at. Set while training, another kind begins now whatever is said here; the same kind goes on from where it began unless this says otherwise.
 * @property {[number, number][]} [points] For "curve": t, the steps since its beginning, and the factor then; t ascending from 0.
 */

/**
 * What the replicas of one lane have in common; what is left out is as in the session.
 * @typedef {object} Variant
 * @property {OptimizerName} [optimizer]
 * @property {number} [batch_size] 1 to 2000
 * @property {ActivationName} [activation] Of all hidden layers; only in a race from the initial weights, as the next.
 * @property {InitializerName} [initializer]
 */

/**
 * The selected example.
 * @typedef {object} ExampleInfo
 * @property {"train" | "test"} part
 * @property {number} index
 * @property {number} target
 * @property {string} label
 * @property {number | null} chosen_output The last output for the example that `select_example` chose, whichever one is shown: slow motion shows those of its minibatch. Null where it is not finite.
 */

/**
 * The unit in focus.
 * @typedef {object} FocusInfo
 * @property {number} layer
 * @property {number} unit
 */

/**
 * Where training blew up. The session stands at the state before that step.
 * @typedef {object} DivergenceInfo
 * @property {number} step
 * @property {number | null} layer
 * @property {string} quantity
 * @property {"not finite" | "exploding"} reason A number was no longer finite; or the loss is a million times what it was at the start.
 * @property {string} message
 */

/**
 * Points along one side of the surface and of a field.
 * @typedef {object} GridInfo
 * @property {number} surface
 * @property {number} field
 */

/**
 * Moments are counted in steps made in all: a reset does not begin anew.
 * @typedef {object} TimelineInfo
 * @property {number} made The moment that the frame shows.
 * @property {number} present
 * @property {boolean} looking_back
 * @property {number | null} sought The moment that is being replayed to, from the one that the frame shows.
 * @property {number[]} kept Moments whose state is kept; those between are replayed.
 * @property {[number, string][]} edits The last 50 edits: when, and what.
 * @property {string | null} undo What `undo` would take back.
 * @property {string | null} redo
 * @property {number} bytes Memory that the kept states take.
 * @property {number} budget
 */

/**
 * The race so far; labels and results for each lane and, within, each replica.
 * @typedef {object} RaceInfo
 * @property {number[]} rates
 * @property {boolean} scheduled Whether the schedule in force when it began multiplies them.
 * @property {string[]} lanes What distinguishes each.
 * @property {string[][]} labels
 * @property {((number | null)[])[]} losses Training loss now; null where it is not finite.
 * @property {[number, number]} best Lane and replica of the lowest loss.
 * @property {number} begin
 * @property {number} step
 * @property {number} end
 * @property {string} of The race's data set and first step, where its data are not those shown; else empty.
 * @property {number} surface Points along one side of a replica's picture; 0 where there is none.
 * @property {number} classes How many the pictures decide among; 0 where they show a value.
 * @property {number} bytes Memory that the replicas take.
 */

/**
 * The learning-rate finder, begun at `step`; without a suggestion the numbers are null.
 * @typedef {object} FinderInfo
 * @property {boolean} done
 * @property {number} step
 * @property {"here" | "steps" | "weights" | "network" | "data"} standing How the network shown differs from the one it is of: not at all, in steps, in its weights at that step, in its shape, loss or penalties, in its data.
 * @property {number} examples Training examples that the loss is measured on after each step.
 * @property {number | null} low
 * @property {number | null} high
 * @property {number | null} rate
 * @property {string} message
 */

/**
 * A map of the loss around the weights as they were at `step`.
 * @typedef {object} MapInfo
 * @property {string} plane
 * @property {number} size
 * @property {number} rows So many are computed.
 * @property {number} step
 * @property {"here" | "steps" | "weights" | "network" | "data"} standing As for the finder.
 * @property {number} learning_rate In force at that step: the next step is as long as it says.
 * @property {number} examples Training examples that the loss is of: 256 at most …
 * @property {number} available … of so many.
 * @property {boolean} penalised Whether the height is the loss with L1 or L2 penalties.
 */

/**
 * The loss along the gradient at `step`.
 * @typedef {object} CutInfo
 * @property {number} step
 * @property {"here" | "steps" | "weights" | "network" | "data"} standing As for the finder.
 * @property {number} learning_rate
 * @property {number} curvature
 * @property {number} largest_curvature
 * @property {number | null} edge 2/λmax; null where the loss does not curve upwards.
 * @property {number} examples Training examples that the loss is of: all.
 * @property {boolean} penalised Whether the height is the loss with L1 or L2 penalties.
 */

/**
 * The lab's computations; null where there is none.
 * @typedef {object} LabInfo
 * @property {RaceInfo | null} race
 * @property {FinderInfo | null} finder
 * @property {MapInfo | null} map
 * @property {CutInfo | null} cut
 */

/**
 * Which parameter is meant.
 * @typedef {object} ParameterInfo
 * @property {number} layer
 * @property {number} unit
 * @property {number | null} input
 * @property {"scale" | "shift" | null} norm
 */

/**
 * The last gradient check: in double precision, without penalties and clipping.
 * @typedef {object} CheckInfo
 * @property {number} layer
 * @property {number} unit
 * @property {number | null} input
 * @property {"scale" | "shift" | null} norm
 * @property {number} step
 * @property {number} value
 * @property {number} by_backpropagation
 * @property {number} by_difference
 * @property {number} recorded The same gradient as the step itself has it.
 * @property {number} loss_above
 * @property {number} loss_below
 * @property {number} epsilon
 * @property {number} difference
 * @property {number} relative_error
 */

/**
 * What is drawn of which layer.
 * @typedef {object} RepresentInfo
 * @property {number} layer
 * @property {number[] | null} units
 * @property {string[]} names Of the two axes.
 * @property {[number, number] | null} ends Of regression: what the lowest and the highest colour stand for, in the target's unit.
 */

/**
 * A number, or one for each parameter.
 * @typedef {object} NumberInfo
 * @property {number | null} number
 * @property {number | null} row Of the tensor `lines`, where each parameter has its own.
 */

/**
 * A line of a calculation, such as v ← μ·v + g.
 * @typedef {object} LineInfo
 * @property {string} name θ stands for the parameter.
 * @property {string} how {} for each operand.
 * @property {NumberInfo[]} operands
 * @property {NumberInfo} result
 * @property {boolean} weights_only
 */

/**
 * What the tensors of the microscope belong to; without it the lists are empty.
 * @typedef {object} MicroscopeInfo
 * @property {boolean} on
 * @property {number | null} example The one shown, counted in the minibatch; null: all of it.
 * @property {"none" | "some" | "all"} by_hand Which weights and biases have been set by hand since the initial ones were drawn.
 * @property {boolean} added Whether neurons, layers or inputs have been added since.
 * @property {string[]} slots Names of the optimizer's state arrays.
 * @property {string[]} signals Names of the rows of the tensor `minibatch`.
 * @property {LineInfo[]} gradient_lines From `backpropagated` to `gradients`: penalties and clipping.
 * @property {LineInfo[]} update_lines From `gradients` to what is added to the parameters.
 * @property {ParameterInfo | null} shares What the tensor `example_shares` is about.
 * @property {CheckInfo | null} check
 * @property {RepresentInfo | null} represent
 */

/**
 * Something to try: commands to send, one after the other.
 * @typedef {object} RemedyInfo
 * @property {string} label
 * @property {Record<string, any>[]} commands
 */

/**
 * Something that is wrong with the run.
 * @typedef {object} FindingInfo
 * @property {string} name
 * @property {number[]} layers Where, counted from 1; none: in all.
 * @property {string} message
 * @property {RemedyInfo[]} remedies
 */

/**
 * A frame's numbers; what is not finite is null.
 * @typedef {object} FrameMeta
 * @property {number} frame The number to acknowledge.
 * @property {number} version Of the topology that the tensors belong to.
 * @property {number} step
 * @property {number} epoch
 * @property {number} examples
 * @property {number} steps_per_second
 * @property {boolean} playing
 * @property {number | null} speed
 * @property {number} learning_rate As it is set.
 * @property {number} rate_in_force Of the upcoming step: what is set, times the schedule's factor.
 * @property {number} batch_size
 * @property {number | null} minibatch_loss Of the upcoming minibatch.
 * @property {number | null} train_loss
 * @property {number | null} test_loss
 * @property {number | null} train_metric
 * @property {number | null} test_metric
 * @property {string} metric
 * @property {ExampleInfo} example
 * @property {FocusInfo | null} focus
 * @property {DivergenceInfo | null} diverged
 * @property {number} surface_scale
 * @property {[number, number]} surface_ends What the network answers where one output's surface is at its ends: −scale and scale, the targets 0 and 1, or for binary cross-entropy the probabilities 0 and 1.
 * @property {GridInfo | null} grid
 * @property {string[]} statistics Names of the columns of the tensor `statistics`.
 * @property {TimelineInfo} timeline
 * @property {LabInfo} lab
 * @property {MicroscopeInfo} microscope
 * @property {FindingInfo[]} findings What is wrong with the run; mostly nothing.
 * @property {string} summary What can be said of the gradients where nothing is wrong.
 */

/**
 * Start a new session and watch it. It stands still until play or step.
 * @typedef {object} CreateCommand
 * @property {"create"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {RecipeFields} [recipe]
 */

/**
 * Watch a session that exists.
 * @typedef {object} JoinCommand
 * @property {"join"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {string} session
 */

/**
 * This frame has been painted: one more may be sent. Has no answer.
 * @typedef {object} AckCommand
 * @property {"ack"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} frame 0 to 9007199254740991
 */

/**
 * Train until told otherwise, at the speed in force.
 * @typedef {object} PlayCommand
 * @property {"play"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 */

/**
 * Stand still between two steps.
 * @typedef {object} PauseCommand
 * @property {"pause"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 */

/**
 * Make so many steps (or epochs) as fast as it goes, then stand still.
 * @typedef {object} StepCommand
 * @property {"step"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} [count] 1 to 100000
 * @property {"minibatch" | "epoch"} [unit]
 */

/**
 * How fast play goes; null is as fast as the machine can.
 * @typedef {object} SetSpeedCommand
 * @property {"speed"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number | null} steps_per_second 1 to 1000000
 */

/**
 * Change hyperparameters between two steps.
 * @typedef {object} SetCommand
 * @property {"set"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} [learning_rate] 0 to 100
 * @property {number} [batch_size] 1 to 2000
 * @property {number} [l1] 0 to 10
 * @property {number} [l2] 0 to 10
 * @property {number | null} [clip_norm] 1e-6 to 1000000; The longest gradient that is not shortened; null switches clipping off.
 * @property {OptimizerName} [optimizer]
 * @property {Partial<Record<OptimizerOptionName, number>>} [optimizer_options]
 * @property {LossName} [loss]
 * @property {ActivationName} [output_activation]
 * @property {ScheduleFields} [schedule]
 */

/**
 * Change the data between two steps.
 * @typedef {object} SetDataCommand
 * @property {"data"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {DatasetName} [dataset]
 * @property {number} [samples] 20 to 2000; How many examples to generate (tables have their own).
 * @property {number} [noise] 0 to 1; As a share of the most noise there is.
 * @property {number} [test_share] 0 to 0.9; The share of examples kept from training.
 * @property {number} [arms] 2 to 5; Arms of the spiral, one class each.
 */

/**
 * Choose what the network sees of a point of the plane.
 * @typedef {object} SetFeaturesCommand
 * @property {"features"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {FeatureName[]} features
 */

/**
 * Add a unit to a hidden layer; the function computed stays the same.
 * @typedef {object} AddNeuronCommand
 * @property {"add_neuron"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9; 1 is the first hidden layer.
 */

/**
 * Remove a unit from a hidden layer.
 * @typedef {object} RemoveNeuronCommand
 * @property {"remove_neuron"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9
 * @property {number} unit 0 to 255
 */

/**
 * Insert a hidden layer, as near to the identity as its activation allows.
 * @typedef {object} AddLayerCommand
 * @property {"add_layer"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} position 1 to 9; The index that the new layer will have; 1 is right after the inputs.
 */

/**
 * Remove a hidden layer.
 * @typedef {object} RemoveLayerCommand
 * @property {"remove_layer"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9
 */

/**
 * Change a hidden layer's options, or the output's activation. What is left out stays.
 * @typedef {object} SetLayerCommand
 * @property {"set_layer"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9
 * @property {ActivationName} [activation]
 * @property {boolean} [batch_norm]
 * @property {number} [dropout] 0 to 0.9
 */

/**
 * Set one weight, or with a null input the unit's bias.
 * @typedef {object} SetParameterCommand
 * @property {"set_parameter"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9
 * @property {number} unit 0 to 255
 * @property {number | null} input 0 to 255
 * @property {number} value -1000000 to 1000000
 */

/**
 * Back to step 0 with the same initial weights, or with others. What is left out stays.
 * @typedef {object} ResetCommand
 * @property {"reset"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} [seed] 0 to 4294967295
 * @property {InitializerName} [initializer]
 * @property {number} [std] 0 to 100
 */

/**
 * Choose the example whose signals frames carry.
 * @typedef {object} SelectExampleCommand
 * @property {"select_example"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {"train" | "test"} part
 * @property {number} index 0 to 100000
 */

/**
 * Choose the unit whose field frames carry in full size; {"layer": null} chooses none.
 * @typedef {object} FocusCommand
 * @property {"focus"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number | null} layer 0 to 9
 * @property {number} [unit] 0 to 255
 */

/**
 * Train copies of the network side by side, each with a learning rate of its own.
 * @typedef {object} RaceCommand
 * @property {"race"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {boolean} [afresh] From the initial weights; else from those that are shown.
 * @property {number} [low] 1e-8 to 1000
 * @property {number} [high] 1e-8 to 1000
 * @property {number} [replicas] 2 to 64; How many rates, evenly spaced on a logarithmic axis.
 * @property {number[] | null} [rates] Instead of low, high and replicas: these rates.
 * @property {Variant[]} [variants] A lane of replicas for each.
 * @property {number} [steps] 1 to 10000000; How long the race is.
 */

/**
 * The session goes on as one of the race's replicas: its weights, its rate, its curve. From where the race began, on its data; undo leads back to what the session was.
 * @typedef {object} AdoptCommand
 * @property {"adopt"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} [lane] 0 to 3
 * @property {number} replica 0 to 63
 */

/**
 * Raise the learning rate of a copy of the network from low to high, a little each step.
 * @typedef {object} FindRateCommand
 * @property {"find_rate"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} [low] 1e-8 to 1000
 * @property {number} [high] 1e-8 to 1000
 * @property {number} [steps] 20 to 5000
 */

/**
 * Compute the loss in a plane through the weights that are shown.
 * @typedef {object} MapLossCommand
 * @property {"map_loss"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {PlaneName} [plane]
 * @property {number} [size] 5 to 101; Points along each side.
 */

/**
 * Compute the loss along the gradient, and the edge of stability 2/λmax.
 * @typedef {object} CutLossCommand
 * @property {"cut_loss"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 */

/**
 * Stop and forget one of the lab's computations.
 * @typedef {object} CloseCommand
 * @property {"close"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {"race" | "finder" | "map" | "cut"} what
 * @property {boolean} [keep] Of a race: let it end here, and keep what it has come to.
 */

/**
 * Show the upcoming step with all its numbers; training pauses when it is switched on.
 * @typedef {object} MicroscopeCommand
 * @property {"microscope"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {boolean} on
 * @property {number | null} [example] 0 to 1999; The one shown, counted in the minibatch; null: all of it.
 */

/**
 * Compare one gradient with the difference of two losses, for the upcoming minibatch.
 * @typedef {object} CheckGradientCommand
 * @property {"check_gradient"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9; 1 is the first hidden layer.
 * @property {number} unit 0 to 255
 * @property {number | null} input 0 to 255; null: the bias.
 * @property {"scale" | "shift" | null} [norm] Of the unit's batch normalisation: γ or β, in place of weight or bias.
 */

/**
 * Show each example's share of one gradient.
 * @typedef {object} SharesCommand
 * @property {"shares"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} layer 0 to 9; 1 is the first hidden layer.
 * @property {number} unit 0 to 255
 * @property {number | null} input 0 to 255; null: the bias.
 * @property {"scale" | "shift" | null} [norm] Of the unit's batch normalisation: γ or β, in place of weight or bias.
 */

/**
 * Carry a grid of inputs and the training examples to a layer; {"layer": null} stops it.
 * @typedef {object} RepresentCommand
 * @property {"represent"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number | null} layer 0 to 9; 0 is the inputs.
 * @property {number[] | null} [units] The two units to draw against each other; null: the two principal components.
 */

/**
 * Show a moment of the past, training paused; {"made": null} returns to the present.
 * @typedef {object} LookBackCommand
 * @property {"look_back"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number | null} made 0 to 9007199254740991; Steps made in all at that moment, as the frame's timeline counts them.
 */

/**
 * Train on from the moment that is shown; what came after it stays as a ghost curve. Undo leads back to what the session was.
 * @typedef {object} GoOnCommand
 * @property {"go_on"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 */

/**
 * Back to just before the last edit or leap, steps made since then included. Leaps are `adopt`, `go_on` and `recover`.
 * @typedef {object} UndoCommand
 * @property {"undo"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 */

/**
 * Make the edit that was undone last, now; or the leap, to where it led.
 * @typedef {object} RedoCommand
 * @property {"redo"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 */

/**
 * Go back some steps and train on with a third of the learning rate.
 * @typedef {object} RecoverCommand
 * @property {"recover"} type
 * @property {number | null} [id] 0 to 9007199254740991; Any number of the client's own: the answer repeats it.
 * @property {number} [steps] 1 to 10000000
 */

/**
 * The answer to create and join; dataset and topology follow.
 * @typedef {object} WelcomeMessage
 * @property {"welcome"} type
 * @property {number | null} id
 * @property {string} session Whoever knows this name can join.
 * @property {number} protocol
 */

/**
 * A command was carried out; the sentence says what it did.
 * @typedef {object} ReplyMessage
 * @property {"reply"} type
 * @property {number | null} id
 * @property {string} command
 * @property {string} message
 */

/**
 * A command was not carried out, and nothing has changed.
 * @typedef {object} RefusedMessage
 * @property {"refused"} type
 * @property {number | null} id
 * @property {string | null} command
 * @property {string} field
 * @property {string} got
 * @property {string} allowed
 * @property {string} message All of it in one sentence.
 */

/**
 * The data in force: after joining, and after every change of it.
 * @typedef {object} DatasetMessage
 * @property {"dataset"} type
 * @property {string} name
 * @property {string} title
 * @property {"plane" | "curve" | "table" | "image"} kind
 * @property {"classification" | "regression"} task
 * @property {string} source
 * @property {string} licence
 * @property {string} note
 * @property {string[]} columns
 * @property {string[]} classes Names of the classes; empty for regression.
 * @property {string} target
 * @property {[number, number] | null} image_shape
 * @property {DataPart} train
 * @property {DataPart} test
 * @property {[number, number]} range Of both axes of the plane.
 */

/**
 * The architecture and recipe in force: after joining, and after every change of them.
 * @typedef {object} TopologyMessage
 * @property {"topology"} type
 * @property {number} version Rises with every change; frames repeat it.
 * @property {Recipe} recipe
 * @property {number} parameters
 * @property {number} rows Units of all layers, inputs included.
 * @property {LayerInfo[]} layers
 * @property {boolean} playing
 * @property {number | null} speed
 * @property {string[]} notes What the last edit kept and what it initialised.
 */

/**
 * Something happened in the session: for all who watch it.
 * @typedef {object} EventMessage
 * @property {"event"} type
 * @property {number | null} step
 * @property {"edit" | "divergence" | "info" | "ended"} kind
 * @property {string} message
 */

/** @typedef {CreateCommand | JoinCommand | AckCommand | PlayCommand | PauseCommand | StepCommand | SetSpeedCommand | SetCommand | SetDataCommand | SetFeaturesCommand | AddNeuronCommand | RemoveNeuronCommand | AddLayerCommand | RemoveLayerCommand | SetLayerCommand | SetParameterCommand | ResetCommand | SelectExampleCommand | FocusCommand | RaceCommand | AdoptCommand | FindRateCommand | MapLossCommand | CutLossCommand | CloseCommand | MicroscopeCommand | CheckGradientCommand | SharesCommand | RepresentCommand | LookBackCommand | GoOnCommand | UndoCommand | RedoCommand | RecoverCommand} Command */

/** @typedef {WelcomeMessage | ReplyMessage | RefusedMessage | DatasetMessage | TopologyMessage | EventMessage} Message */

/**
 * A decoded frame: its numbers, and its tensors as views into the message.
 * @typedef {object} Frame
 * @property {FrameMeta} meta
 * @property {Record<string, number[]>} shapes of the tensors, by name
 * @property {Float32Array} parameters [P] weights, biases, batch-norm scales and shifts
 * @property {Float32Array} gradients [P] of the upcoming minibatch
 * @property {Float32Array} updates [P] what the very next step adds to the parameters
 * @property {Float32Array} activations [rows, m] of up to 32 examples of the upcoming minibatch
 * @property {Float32Array} deltas [rows, m] ∂L/∂z of the same examples; 0 for inputs
 * @property {Float32Array} example [3, rows] selected example: z, activation, ∂L/∂z; for inputs the network's input twice, and 0
 * @property {Float32Array} example_input [columns] the selected example, raw
 * @property {Float32Array} example_output [classes or 1] probabilities, or the prediction in its own unit
 * @property {Uint8Array} [fields] [rows, F, F or rows, 1, F] every unit's activation over the inputs: (byte − 128) / 127 · field_scales[row]; the first line of the picture is the largest x₂
 * @property {Float32Array} [field_scales] [rows] see fields
 * @property {Uint8Array} [surface] [C, S, S] one output: (byte − 128) / 127 · surface_scale (2ŷ − 1 where the targets are 0 and 1, for binary cross-entropy 2p − 1), cut off there; several classes: probability = byte / 255
 * @property {Float32Array} [fit] [2, 96] x and prediction, in their own units
 * @property {Uint8Array} [focus] [S, S] the field of the unit in focus
 * @property {Float32Array} statistics [layers − 1, 7] NaN where a statistic does not apply
 * @property {Float32Array} norms [layers, n] a column for each step that was seen, thinned out: step, each layer's gradient norm
 * @property {Float32Array} histograms [layers − 1, 2, 24] shares: activations, gradients ∂L/∂z
 * @property {Float32Array} histogram_ranges [layers − 1, 2, 2] lowest and highest bin's edge
 * @property {Float64Array} history [6, n] step, train loss, test loss, train metric, test metric, learning rate
 * @property {Int32Array} [confusion] [K, K] true class, predicted class: counts over the test part (training part if that is empty)
 * @property {Float32Array} [predictions] [2, n] target and prediction of up to 500 examples of the test part, or of the training part where there is none
 * @property {Float64Array} [schedule] [2, n] steps from here on, and the learning rate then
 * @property {Float64Array} [ghosts] [3, n] futures left behind: number of the branch, step, training loss
 * @property {Float64Array} [race_steps] [n] steps at which losses were taken
 * @property {Float32Array} [race_train] [lanes, R, n] training losses
 * @property {Float32Array} [race_test] [lanes, R, n] test losses
 * @property {Uint8Array} [race_surfaces] [lanes, R, S, S or lanes, R, 1, S] each replica's output as `surface` has it; several classes: the class decided for, 255 for NaN; of a curve the prediction, 127 being the largest magnitude of a target
 * @property {Float64Array} [finder] [3, n] learning rate, minibatch loss, smoothed loss of the examples
 * @property {Float64Array} [map] [size, size] losses; NaN is still to come
 * @property {Float64Array} [map_axis] [size] coordinates along both axes
 * @property {Float64Array} [map_path] [n, 2] where the weights have been, the present last
 * @property {Float64Array} [map_step] [2] where the next step leads
 * @property {Float64Array} [cut] [2, n] step lengths along −gradient, and losses
 * @property {Float32Array} [pre_activations] [rows, m] what φ gets, of all examples of the upcoming minibatch: z, or γ·ẑ + β; 0 for inputs. Then m is the whole minibatch in `activations` and `deltas` too
 * @property {Float32Array} [targets] [outputs, m] what the loss compares with
 * @property {Float32Array} [sums] [rows, m] z = W x + b, before batch normalisation
 * @property {Float32Array} [normalised] [rows, m] ẑ of batch-normalised layers; else 0
 * @property {Float32Array} [masks] [rows, m] dropout: 0 or 1/(1−p); without dropout 1
 * @property {Float32Array} [handed] [rows, m] what the next layer reads: the activation under its mask
 * @property {Float32Array} [slopes] [rows, m] φ′ of `pre_activations`
 * @property {Float32Array} [arriving] [rows, m] ∂L/∂ of what a unit hands on: Wᵀδ of the next layer, or the loss's gradient
 * @property {Float32Array} [outer] [rows, m] ∂L/∂ of `pre_activations`; δ itself without batch normalisation
 * @property {Float32Array} [minibatch] [signals, rows] of each signal the minibatch's mean; of arriving, outer and deltas its sum
 * @property {Float32Array} [normalisation] [4, rows] of batch-normalised units mean and √(variance + ε) of z, mean of `outer` and of ẑ·`outer`; else 0
 * @property {Float32Array} [losses] [m] ℓ of each example; their mean is the loss
 * @property {Float32Array} [own_slopes] [outputs, m] ∂ℓ/∂ŷ of each example; ∂L/∂ŷ is 1/m of it
 * @property {Float32Array} [probabilities] [outputs, m] what logits stand for
 * @property {Float32Array} [signals_forward] [P] of the example: w·x, b; γ·ẑ, β
 * @property {Float32Array} [signals_backward] [P] of the example: w·δ; 0 for all but weights
 * @property {Float32Array} [shares] [P] the example's shares of `backpropagated`, or all of it
 * @property {Float32Array} [backpropagated] [P] ∂L/∂θ before penalties and clipping
 * @property {Float32Array} [lines] [n, P] numbers of the lines of a calculation
 * @property {Float32Array} [new_parameters] [P] after the step
 * @property {Float32Array} [state_before] [slots, P] the optimizer's state
 * @property {Float32Array} [state_after] [slots, P] the same after the step
 * @property {Float32Array} [example_shares] [3, m] of one gradient: each example's share, and its two factors
 * @property {Float32Array} [mesh] [rows, columns, 2] where the layer puts the points of a grid of inputs: the plane, the line of all x (one row), or else the plane of the training inputs' two principal components
 * @property {Uint8Array} [mesh_answers] [C, rows, columns] what the network answers at these points; see surface, and for regression `ends`
 * @property {Float32Array} [carried] [n, 2] where it puts the training examples
 * @property {Float32Array} [carried_targets] [n] their classes, or their targets from −1 to 1 between the two `ends`
 */

const VIEWS = {
  F32: Float32Array,
  F64: Float64Array,
  U8: Uint8Array,
  I32: Int32Array,
};

/**
 * Reads a frame without copying: every tensor is a view into `buffer`.
 *
 * The safetensors format: the length of the header (8 bytes, little-endian), the header (JSON:
 * dtype, shape and place of each tensor), then the tensors. Where a view would not be aligned,
 * its bytes are copied.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decodeFrame(buffer) {
  const size = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  const { __metadata__: metadata, ...tensors } = header;
  /** @type {Record<string, unknown>} */
  const frame = {};
  /** @type {Record<string, number[]>} */
  const shapes = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(tensors)) {
    const View = VIEWS[/** @type {keyof typeof VIEWS} */ (dtype)];
    const begin = 8 + size + data_offsets[0];
    const end = 8 + size + data_offsets[1];
    const aligned = begin % View.BYTES_PER_ELEMENT === 0;
    shapes[name] = shape;
    frame[name] = aligned
      ? new View(buffer, begin, (end - begin) / View.BYTES_PER_ELEMENT)
      : new View(buffer.slice(begin, end));
  }
  const meta = JSON.parse(metadata.frame);
  return /** @type {Frame} */ (/** @type {unknown} */ ({ meta, shapes, ...frame }));
}
