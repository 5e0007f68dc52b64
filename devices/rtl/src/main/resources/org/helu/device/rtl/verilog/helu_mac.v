// Multiplies and accumulates: PE rows of a weight matrix at a time, SIMD products a clock each. A
// vector arrives NF times over, SF beats each (from helu_window; or once, where NF is 1); after each SF
// beats the sums of the next PE rows leave.
//
// WB = 1, weights of one bit: the sum over lanes of (code XNOR weight), unsigned, over all XB bits
// of a code. With M = 2^XB - 1 and n weights of -1 this is sum(weight * code) + M * n; the constant
// is part of what follows. HALF = 1 (one-bit codes): sums count double, and a beat of padding counts
// half of its lanes, so that bipolar padding has the value 0.
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

  reg                valid0, valid1, valid2, valid3, done;
  reg                first0, first1, first2, first3;
  reg                last0, last1, last2, last3;
  reg                pad0, pad1, pad2;
  reg [SIMD*XB-1:0]  arrived;
  reg [SIMD*XB-1:0]  codes;
  // A block RAM gives its data late in a clock: half of the clock would be gone before the sums.
  reg [PE*SIMD*WB-1:0] held_weights;
  reg [AW-1:0]       address;
  reg [SB-1:0]       beat;

  wire enable = !done || m_ready;
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
      beat    <= beat == SF - 1 ? {SB{1'b0}} : beat + 1'b1;
    end

  always @(posedge clk)
    if (!resetn) begin
      valid0 <= 1'b0;
      valid1 <= 1'b0;
      valid2 <= 1'b0;
      valid3 <= 1'b0;
      done   <= 1'b0;
    end else if (enable) begin
      valid0 <= s_valid;
      valid1 <= valid0;
      valid2 <= valid1;
      valid3 <= GROUPS == 1 ? valid1 : valid2;
      done   <= valid3 && last3;
    end

  always @(posedge clk)
    if (enable) begin
      arrived <= s_data;
      codes   <= arrived;
      held_weights <= w_data;
      pad0    <= s_pad;
      pad1    <= pad0;
      pad2    <= pad1;
      first0  <= beat == 0;
      first1  <= first0;
      first2  <= first1;
      first3  <= GROUPS == 1 ? first1 : first2;
      last0   <= beat == SF - 1;
      last1   <= last0;
      last2   <= last1;
      last3   <= GROUPS == 1 ? last1 : last2;
    end

  // Lanes that are filled up to whole parts.
  wire [LANES*XB-1:0] lanes;
  generate
    if (LANES > SIMD)
      assign lanes = {{(LANES-SIMD)*XB{1'b0}}, codes};
    else
      assign lanes = codes;
  endgenerate

  genvar p, g;
  generate
    for (p = 0; p < PE; p = p + 1) begin : pe
      wire [LANES*WB-1:0] weights;
      if (LANES > SIMD)
        // One-bit weights: code 0 XNOR 1 counts 0.
        assign weights = {{(LANES-SIMD)*WB{WB == 1}}, held_weights[p*SIMD*WB +: SIMD*WB]};
      else
        assign weights = held_weights[p*SIMD*WB +: SIMD*WB];
      wire [GROUPS*PARTB-1:0] parts;
      for (g = 0; g < GROUPS; g = g + 1) begin : part
        if (WB == 1)
          helu_signs #(.LANES(GROUP), .XB(XB), .SUMB(PARTB)) add (
            .codes(lanes[g*GROUP*XB +: GROUP*XB]),
            .weights(weights[g*GROUP +: GROUP]),
            .sum(parts[g*PARTB +: PARTB]));
        else
          helu_products #(.LANES(GROUP), .XB(XB), .VB(VB), .WB(WB), .SUMB(PARTB),
                          .STEP(STEP), .ZERO(ZERO), .PADVALUE(PADVALUE)) add (
            .codes(lanes[g*GROUP*XB +: GROUP*XB]),
            .weights(weights[g*GROUP*WB +: GROUP*WB]),
            .pad(pad1),
            .sum(parts[g*PARTB +: PARTB]));
      end
      wire [INCB-1:0] beat_sum;
      wire            beat_pad;
      if (GROUPS == 1) begin : whole
        assign beat_sum = parts;
        assign beat_pad = pad1;
      end else begin : join_parts
        reg [GROUPS*PARTB-1:0] held;
        always @(posedge clk)
          if (enable)
            held <= parts;
        helu_sum #(.N(GROUPS), .B(PARTB), .SUMB(INCB), .SIGNED(WB != 1)) total (
          .values(held), .sum(beat_sum));
        assign beat_pad = pad2;
      end
      reg  [INCB:0]   increment;  // one bit more, for HALF
      reg  [ACCB-1:0] accumulator;
      wire [ACCB-1:0] wide;
      if (WB == 1)
        assign wide = increment;
      else
        assign wide = {{(ACCB > INCB ? ACCB - INCB : 1){increment[INCB-1]}}, increment[INCB-1:0]};
      always @(posedge clk)
        if (enable) begin
          if (HALF)
            increment <= beat_pad ? SIMD[INCB:0] : {beat_sum, 1'b0};
          else
            increment <= {1'b0, beat_sum};
          if (valid3)
            accumulator <= first3 ? wide : accumulator + wide;
        end
      assign m_data[p*ACCB +: ACCB] = accumulator;
    end
  endgenerate
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
