// Multiplies and accumulates: PE rows of a weight matrix at a time, SIMD products a clock each. A
// vector arrives NF times over, SF beats each (from helu_window; or once, where NF is 1); after each SF
// beats the sums of the next PE rows leave.
//
// WB = 1, weights of one bit: the sum over lanes of (code XNOR weight), unsigned, over all XB bits
// of a code. With M = 2^XB - 1 and n weights of -1 this is sum(weight * code) + M * n; the constant
// is part of what follows. HALF = 1 (one-bit codes): sums count double, and a beat of padding counts
// half of its lanes, so that bipolar padding has the value 0.
// XB > 1 and SIMD > 1: lanes are taken in pairs, see helu_pairs; for each pair whose first weight is -1
// the sum is 1 more than that.
// WB > 1: the sum over lanes of (STEP * code - ZERO) * weight, signed; padding has the value PADVALUE.

`default_nettype none

module helu_mac #(
  parameter SIMD = 1,
  parameter PE = 1,
  parameter XB = 1,     // bits of a code
  parameter VB = 2,     // bits of a signed value of a code
  parameter WB = 1,     // bits of a weight
  parameter SF = 1,
  parameter NF = 1,
  parameter AW = 1,     // bits of a weight address, of a count to SF * NF - 1
  parameter SB = 1,     // bits of a count to SF - 1
  parameter GROUPS = 1, // a beat is summed in so many parts, one clock before they are joined
  parameter GROUP = 1,  // lanes of a part
  parameter LEVELS = 0, // clocks from weights to a beat's sum, less one
  parameter PARTB = 1,  // bits of a part's sum
  parameter INCB = 1,   // bits of a beat's sum
  parameter ACCB = 1,   // bits of the accumulator
  parameter HALF = 0,
  parameter STEP = 1,
  parameter ZERO = 0,
  parameter PADVALUE = 0
) (
  input  wire                  clk,
  input  wire                  resetn,
  input  wire [SIMD*XB-1:0]    s_data,
  input  wire                  s_pad,
  input  wire                  s_valid,
  output wire                  s_ready,
  output wire                  w_enable,
  output wire [AW-1:0]         w_address,
  input  wire [PE*SIMD*WB-1:0] w_data,
  output wire [PE*ACCB-1:0]    m_data,
  output wire                  m_valid,
  input  wire                  m_ready
);
  localparam LANES = GROUPS * GROUP;  // the last part may have spare lanes that count 0
  localparam PAIRS = SIMD / 2;
  localparam PAIRED = WB == 1 && XB > 1 && SIMD > 1;
  localparam STAGES = LEVELS + 3;

  // Stage 0: the beat is here, and its weights; 1: they are held; the last: their sum.
  reg [STAGES-1:0]     valid, last, pad;
  reg                  done;
  reg [SIMD*XB-1:0]    arrived;
  // A block RAM gives its data late in a clock: half of the clock would be gone before the sums.
  reg [PE*SIMD*WB-1:0] held_weights;
  reg [AW-1:0]         address;
  reg [SB-1:0]         beat;

  wire enable = !done || m_ready;
  wire last_beat = SF == 1 || beat == SF - 1;
  assign s_ready   = enable;
  assign w_enable  = enable;
  assign w_address = address;
  assign m_valid   = done;

  always @(posedge clk)
    if (!resetn) begin
      address <= {AW{1'b0}};
      beat    <= {SB{1'b0}};
    end else if (enable && s_valid) begin
      address <= address == SF * NF - 1 ? {AW{1'b0}} : address + 1'b1;
      beat    <= last_beat ? {SB{1'b0}} : beat + 1'b1;
    end

  always @(posedge clk)
    if (!resetn) begin
      valid <= {STAGES{1'b0}};
      done  <= 1'b0;
    end else if (enable) begin
      valid <= {valid[STAGES-2:0], s_valid};
      done  <= valid[STAGES-1] && last[STAGES-1];
    end

  always @(posedge clk)
    if (enable) begin
      arrived      <= s_data;
      held_weights <= w_data;
      last         <= {last[STAGES-2:0], last_beat};
      pad          <= {pad[STAGES-2:0], s_pad};
    end

  // What a PE sums: codes, or the sums and differences of pairs of them.
  localparam TERMB = PAIRED ? PAIRS * 2 * (XB + 1) + (SIMD - 2 * PAIRS) * XB : LANES * XB;
  reg [TERMB-1:0] terms;
  generate
    if (PAIRED) begin : pairs
      wire [TERMB-1:0] next;
      helu_pairs #(.SIMD(SIMD), .XB(XB)) make (.codes(arrived), .terms(next));
      always @(posedge clk)
        if (enable)
          terms <= next;
    end else begin : single
      always @(posedge clk)
        if (enable)
          terms <= arrived;
    end
  endgenerate

  genvar p, g;
  generate
    for (p = 0; p < PE; p = p + 1) begin : pe
      wire [SIMD*WB-1:0] own = held_weights[p*SIMD*WB +: SIMD*WB];
      wire [INCB-1:0]    beat_sum;
      if (PAIRED) begin : paired
        helu_signed_pairs #(.SIMD(SIMD), .XB(XB), .LEVELS(LEVELS), .SUMB(INCB)) add (
          .clk(clk), .enable(enable), .terms(terms), .weights(own), .sum(beat_sum));
      end else begin : grouped
        // Lanes that are filled up to whole parts. One-bit weights: code 0 XNOR 1 counts 0.
        wire [LANES*WB-1:0] weights;
        if (LANES > SIMD)
          assign weights = {{(LANES-SIMD)*WB{WB == 1}}, own};
        else
          assign weights = own;
        wire [GROUPS*PARTB-1:0] parts;
        for (g = 0; g < GROUPS; g = g + 1) begin : part
          if (WB == 1)
            helu_signs #(.LANES(GROUP), .XB(XB), .SUMB(PARTB)) add (
              .codes(terms[g*GROUP*XB +: GROUP*XB]),
              .weights(weights[g*GROUP +: GROUP]),
              .sum(parts[g*PARTB +: PARTB]));
          else
            helu_products #(.LANES(GROUP), .XB(XB), .VB(VB), .WB(WB), .SUMB(PARTB),
                            .STEP(STEP), .ZERO(ZERO), .PADVALUE(PADVALUE)) add (
              .codes(terms[g*GROUP*XB +: GROUP*XB]),
              .weights(weights[g*GROUP*WB +: GROUP*WB]),
              .pad(pad[1]),
              .sum(parts[g*PARTB +: PARTB]));
        end
        if (GROUPS == 1) begin : whole
          assign beat_sum = parts;
        end else begin : join_parts
          reg [GROUPS*PARTB-1:0] held;
          always @(posedge clk)
            if (enable)
              held <= parts;
          helu_sum #(.N(GROUPS), .B(PARTB), .SUMB(INCB), .SIGNED(WB != 1)) total (
            .values(held), .sum(beat_sum));
        end
      end
      reg  [INCB:0]   increment;  // one bit more, for HALF
      reg  [ACCB-1:0] result;
      wire [ACCB-1:0] wide;
      wire [ACCB-1:0] next;
      if (WB == 1)
        assign wide = increment;
      else
        assign wide = {{(ACCB > INCB ? ACCB - INCB : 1){increment[INCB-1]}}, increment[INCB-1:0]};
      if (SF == 1) begin : at_once
        assign next = wide;
      end else begin : accumulate
        // It is 0 again when a sum is complete: registers have a reset, a choice would take LUTs.
        reg [ACCB-1:0] accumulator;
        assign next = accumulator + wide;
        always @(posedge clk)
          if (!resetn)
            accumulator <= {ACCB{1'b0}};
          else if (enable && valid[STAGES-1])
            accumulator <= last[STAGES-1] ? {ACCB{1'b0}} : next;
      end
      always @(posedge clk)
        if (enable) begin
          if (HALF)
            increment <= pad[STAGES-2] ? SIMD[INCB:0] : {beat_sum, 1'b0};
          else
            increment <= {1'b0, beat_sum};
          result <= next;
        end
      assign m_data[p*ACCB +: ACCB] = result;
    end
  endgenerate
endmodule

// With weights of +1 and -1 a pair of codes a, b counts a + b, a - b, b - a or -a - b. All PEs share
// these sums; M = 2^XB - 1 makes the differences positive. A last lane without partner stays a code.
module helu_pairs #(
  parameter SIMD = 2,
  parameter XB = 8
) (
  input  wire [SIMD*XB-1:0] codes,
  output wire [(SIMD/2)*2*(XB+1)+(SIMD%2)*XB-1:0] terms
);
  localparam TB = XB + 1;
  localparam PAIRS = SIMD / 2;
  genvar i;
  generate
    for (i = 0; i < PAIRS; i = i + 1) begin : pair
      wire [XB-1:0] a = codes[2*i*XB +: XB];
      wire [XB-1:0] b = codes[(2*i+1)*XB +: XB];
      assign terms[2*i*TB +: TB]     = {1'b0, a} + {1'b0, b};
      assign terms[(2*i+1)*TB +: TB] = {1'b0, a} + {1'b0, ~b};  // a + M - b
    end
    if (SIMD % 2 == 1)
      assign terms[2*PAIRS*TB +: XB] = codes[(SIMD-1)*XB +: XB];
  endgenerate
endmodule

// The sum over pairs of: weights alike ? a + b : a + M - b, inverted where the first weight is -1. The
// inverse of XB + 1 bits is 2 * M + 1 - value, one more than what -a - b and b - a count with M for each
// weight of -1. LEVELS registers, one behind each level of adders but the last: adders that follow
// each other without would become carry-save ones, which take twice the LUTs.
module helu_signed_pairs #(
  parameter SIMD = 2,
  parameter XB = 8,
  parameter LEVELS = 0,
  parameter SUMB = 9
) (
  input  wire             clk,
  input  wire             enable,
  input  wire [(SIMD/2)*2*(XB+1)+(SIMD%2)*XB-1:0] terms,
  input  wire [SIMD-1:0]  weights,
  output wire [SUMB-1:0]  sum
);
  localparam TB = XB + 1;
  localparam PAIRS = SIMD / 2;
  localparam VALUES = (SIMD + 1) / 2;
  localparam WIDTH = 2 << LEVELS;  // values that the tree has room for
  // Row 0: the values; row l: the sums of so many levels of adders, the first lowest.
  wire [(LEVELS+1)*WIDTH*SUMB-1:0] rows;
  genvar i, l;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : value
      if (i < PAIRS)
        assign rows[i*SUMB +: SUMB] =
          (weights[2*i] == weights[2*i+1] ? terms[2*i*TB +: TB] : terms[(2*i+1)*TB +: TB])
          ^ {TB{!weights[2*i]}};
      else if (i < VALUES)
        assign rows[i*SUMB +: SUMB] = terms[2*PAIRS*TB +: XB] ^ {XB{!weights[SIMD-1]}};
      else
        assign rows[i*SUMB +: SUMB] = {SUMB{1'b0}};
    end
    for (l = 1; l <= LEVELS; l = l + 1) begin : level
      for (i = 0; i < WIDTH; i = i + 1) begin : node
        if (i << l < VALUES) begin : used
          reg [SUMB-1:0] held;
          always @(posedge clk)
            if (enable)
              held <= rows[((l-1)*WIDTH + 2*i)*SUMB +: SUMB]
                    + rows[((l-1)*WIDTH + 2*i + 1)*SUMB +: SUMB];
          assign rows[(l*WIDTH + i)*SUMB +: SUMB] = held;
        end else
          assign rows[(l*WIDTH + i)*SUMB +: SUMB] = {SUMB{1'b0}};
      end
    end
  endgenerate
  assign sum = rows[LEVELS*WIDTH*SUMB +: SUMB] + rows[(LEVELS*WIDTH + 1)*SUMB +: SUMB];
endmodule

// sum over lanes of (code XNOR weight), unsigned.
module helu_signs #(
  parameter LANES = 1,
  parameter XB = 1,
  parameter SUMB = 1
) (
  input  wire [LANES*XB-1:0] codes,
  input  wire [LANES-1:0]    weights,
  output reg  [SUMB-1:0]     sum
);
  integer i;
  reg [XB-1:0] term;
  always @* begin
    sum = {SUMB{1'b0}};
    for (i = 0; i < LANES; i = i + 1) begin
      term = codes[i*XB +: XB] ^ {XB{!weights[i]}};
      sum  = sum + term;
    end
  end
endmodule

// sum over lanes of (STEP * code - ZERO) * weight, signed.
module helu_products #(
  parameter LANES = 1,
  parameter XB = 8,
  parameter VB = 9,
  parameter WB = 8,
  parameter SUMB = 17,
  parameter STEP = 1,
  parameter ZERO = 0,
  parameter PADVALUE = 0
) (
  input  wire [LANES*XB-1:0] codes,
  input  wire [LANES*WB-1:0] weights,
  input  wire                pad,
  output reg  [SUMB-1:0]     sum
);
  localparam signed [VB-1:0] OFFSET = ZERO;
  localparam signed [VB-1:0] OUTSIDE = PADVALUE;
  integer i;
  reg signed [VB-1:0]    value;
  reg signed [WB-1:0]    weight;
  reg signed [VB+WB-1:0] product;
  reg signed [SUMB-1:0]  total;
  always @* begin
    total = {SUMB{1'b0}};
    for (i = 0; i < LANES; i = i + 1) begin
      value   = STEP == 2 ? {codes[i*XB +: XB], 1'b0} : codes[i*XB +: XB];
      value   = pad ? OUTSIDE : value - OFFSET;
      weight  = weights[i*WB +: WB];
      product = value * weight;
      total   = total + product;
    end
    sum = total;
  end
endmodule

// The sum of N values of B bits.
module helu_sum #(
  parameter N = 2,
  parameter B = 1,
  parameter SUMB = 2,
  parameter SIGNED = 0
) (
  input  wire [N*B-1:0]  values,
  output reg  [SUMB-1:0] sum
);
  integer i;
  reg signed [B-1:0]    value;
  reg signed [SUMB-1:0] wide;
  always @* begin
    sum = {SUMB{1'b0}};
    for (i = 0; i < N; i = i + 1) begin
      value = values[i*B +: B];
      wide  = value;
      sum   = sum + (SIGNED ? wide : {{SUMB{1'b0}}, values[i*B +: B]});
    end
  end
endmodule

`default_nettype wire
