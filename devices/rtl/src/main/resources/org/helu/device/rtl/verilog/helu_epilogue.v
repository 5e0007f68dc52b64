// What happens to sums: LANES of them a beat, the channels of a pixel in NF beats. The constants of the
// NF beats come from a memory that is read with one clock's delay.

`default_nettype none

// code = number of the thresholds that a sum reaches. TURNS = 1: behind a lane's thresholds stands a bit;
// where it is 1, the code is the number of those that the sum does not reach.
module helu_threshold #(
  parameter LANES = 1,
  parameter IB = 8,      // bits of a sum
  parameter SIGNED = 0,
  parameter TB = 8,      // bits of a threshold, at least IB
  parameter STEPS = 1,
  parameter TURNS = 0,
  parameter OB = 1,      // bits of a code
  parameter NF = 1,
  parameter AW = 1
) (
  input  wire                      clk,
  input  wire                      resetn,
  input  wire [LANES*IB-1:0]       s_data,
  input  wire                      s_valid,
  output wire                      s_ready,
  output wire                      p_enable,
  output wire [AW-1:0]             p_address,
  input  wire [LANES*(STEPS*TB+TURNS)-1:0] p_data,
  output wire [LANES*OB-1:0]       m_data,
  output wire                      m_valid,
  input  wire                      m_ready
);
  // The top bit is flipped where sums are signed: the order is then the unsigned one.
  localparam [TB-1:0] TOP = SIGNED ? {1'b1, {(TB-1){1'b0}}} : {TB{1'b0}};
  localparam PB = STEPS * TB + TURNS;
  reg [LANES*IB-1:0] sums;
  reg [LANES*OB-1:0] codes;
  reg [AW-1:0]       address;
  reg                held;
  reg                valid;
  wire               enable = !valid || m_ready;

  assign s_ready   = enable;
  assign p_enable  = enable;
  assign p_address = address;
  assign m_data    = codes;
  assign m_valid   = valid;

  always @(posedge clk)
    if (!resetn) begin
      held    <= 1'b0;
      valid   <= 1'b0;
      address <= {AW{1'b0}};
    end else if (enable) begin
      held  <= s_valid;
      valid <= held;
      if (s_valid)
        address <= address == NF - 1 ? {AW{1'b0}} : address + 1'b1;
    end

  // Whether a >= b. Bit by bit where b is constant: of such a chain a few LUTs are left.
  function reaches(input [TB-1:0] a, input [TB-1:0] b);
    integer k;
    begin
      if (NF == 1) begin
        reaches = 1'b1;
        for (k = 0; k < TB; k = k + 1)
          reaches = b[k] ? a[k] && reaches : a[k] || reaches;
      end else
        reaches = a >= b;
    end
  endfunction

  integer i, t;
  reg [OB-1:0] code;
  reg [TB-1:0] sum;
  always @(posedge clk)
    if (enable) begin
      sums <= s_data;
      for (i = 0; i < LANES; i = i + 1) begin
        sum  = {{TB{SIGNED && sums[i*IB + IB - 1]}}, sums[i*IB +: IB]};
        code = {OB{1'b0}};
        for (t = 0; t < STEPS; t = t + 1)
          if (reaches(sum ^ TOP, p_data[i*PB + t*TB +: TB] ^ TOP))
            code = code + 1'b1;
        if (TURNS && p_data[i*PB + PB - 1])
          code = STEPS[OB-1:0] - code;
        codes[i*OB +: OB] <= code;
      end
    end
endmodule

// y = sum * 2^SHIFT + constant: RB bits, signed, and as many of its sign as OB asks for.
module helu_offset #(
  parameter LANES = 1,
  parameter IB = 8,
  parameter SIGNED = 0,
  parameter SHIFT = 0,
  parameter RB = 32,
  parameter OB = 32,
  parameter NF = 1,
  parameter AW = 1
) (
  input  wire                clk,
  input  wire                resetn,
  input  wire [LANES*IB-1:0] s_data,
  input  wire                s_valid,
  output wire                s_ready,
  output wire                p_enable,
  output wire [AW-1:0]       p_address,
  input  wire [LANES*RB-1:0] p_data,
  output wire [LANES*OB-1:0] m_data,
  output wire                m_valid,
  input  wire                m_ready
);
  reg [LANES*IB-1:0] sums;
  reg [LANES*RB-1:0] results;
  reg [AW-1:0]       address;
  reg                held;
  reg                valid;
  wire               enable = !valid || m_ready;

  assign s_ready   = enable;
  assign p_enable  = enable;
  assign p_address = address;
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : extend
      wire [RB-1:0] result = results[lane*RB +: RB];
      assign m_data[lane*OB +: OB] = {{OB{result[RB-1]}}, result};
    end
  endgenerate
  assign m_valid   = valid;

  always @(posedge clk)
    if (!resetn) begin
      held    <= 1'b0;
      valid   <= 1'b0;
      address <= {AW{1'b0}};
    end else if (enable) begin
      held  <= s_valid;
      valid <= held;
      if (s_valid)
        address <= address == NF - 1 ? {AW{1'b0}} : address + 1'b1;
    end

  integer i;
  reg [RB-1:0] wide;
  always @(posedge clk)
    if (enable) begin
      sums <= s_data;
      for (i = 0; i < LANES; i = i + 1) begin
        wide = {{RB{SIGNED && sums[i*IB + IB - 1]}}, sums[i*IB +: IB]};
        results[i*RB +: RB] <= (wide << SHIFT) + p_data[i*RB +: RB];
      end
    end
endmodule

// code = clamp((sum * m + residual * r + b) >> SHIFT, 0, HIGH).
module helu_requantize #(
  parameter LANES = 1,
  parameter IB = 8,
  parameter SIGNED = 0,
  parameter MB = 8,      // bits of m, signed
  parameter RB = 1,      // bits of r, signed; 1 and RESIDUAL = 0: none
  parameter BB = 16,     // bits of b and of the whole sum, signed
  parameter RESIDUAL = 0,
  parameter XB = 8,      // bits of a residual code
  parameter SHIFT = 0,
  parameter HIGH = 255,
  parameter OB = 8,
  parameter NF = 1,
  parameter AW = 1
) (
  input  wire                           clk,
  input  wire                           resetn,
  input  wire [LANES*IB-1:0]            s_data,
  input  wire                           s_valid,
  output wire                           s_ready,
  input  wire [LANES*XB-1:0]            r_data,
  input  wire                           r_valid,
  output wire                           r_ready,
  output wire                           p_enable,
  output wire [AW-1:0]                  p_address,
  input  wire [LANES*(MB+RB+BB)-1:0]    p_data,
  output wire [LANES*OB-1:0]            m_data,
  output wire                           m_valid,
  input  wire                           m_ready
);
  localparam PB = MB + RB + BB;
  localparam signed [BB-1:0] TOP = HIGH;
  reg [LANES*IB-1:0] sums;
  reg [LANES*XB-1:0] residuals;
  reg [LANES*BB-1:0] products;
  reg [LANES*BB-1:0] constants;
  reg [LANES*OB-1:0] codes;
  reg [AW-1:0]       address;
  reg                held;
  reg                multiplied;
  reg                valid;
  wire               enable = !valid || m_ready;
  wire               both = s_valid && (RESIDUAL == 0 || r_valid);

  assign s_ready   = enable && (RESIDUAL == 0 || r_valid);
  assign r_ready   = enable && s_valid;
  assign p_enable  = enable;
  assign p_address = address;
  assign m_data    = codes;
  assign m_valid   = valid;

  always @(posedge clk)
    if (!resetn) begin
      held       <= 1'b0;
      multiplied <= 1'b0;
      valid      <= 1'b0;
      address    <= {AW{1'b0}};
    end else if (enable) begin
      held       <= both;
      multiplied <= held;
      valid      <= multiplied;
      if (both)
        address <= address == NF - 1 ? {AW{1'b0}} : address + 1'b1;
    end

  integer i;
  reg signed [IB:0]   sum;
  reg signed [MB-1:0] m;
  reg signed [RB-1:0] r;
  reg signed [XB:0]   residual;
  reg signed [BB-1:0] b;
  reg signed [BB-1:0] total;
  always @(posedge clk)
    if (enable) begin
      sums      <= s_data;
      residuals <= r_data;
      for (i = 0; i < LANES; i = i + 1) begin
        sum = {SIGNED && sums[i*IB + IB - 1], sums[i*IB +: IB]};
        m   = p_data[i*PB +: MB];
        products[i*BB +: BB] <= sum * m;
        b = p_data[i*PB + MB + RB +: BB];
        r = p_data[i*PB + MB +: RB];
        residual = {1'b0, residuals[i*XB +: XB]};
        if (RESIDUAL)
          constants[i*BB +: BB] <= residual * r + b;
        else
          constants[i*BB +: BB] <= b;
        total = products[i*BB +: BB] + constants[i*BB +: BB];
        total = total >>> SHIFT;
        codes[i*OB +: OB] <= total < 0 ? {OB{1'b0}} : total > TOP ? HIGH[OB-1:0] : total[OB-1:0];
      end
    end
endmodule

// The greatest of TAPS beats, lane by lane; of bits this is OR.
module helu_max #(
  parameter LANES = 1,
  parameter XB = 1,
  parameter TAPS = 4,
  parameter TB = 2       // bits of a count to TAPS-1
) (
  input  wire                clk,
  input  wire                resetn,
  input  wire [LANES*XB-1:0] s_data,
  input  wire                s_valid,
  output wire                s_ready,
  output wire [LANES*XB-1:0] m_data,
  output wire                m_valid,
  input  wire                m_ready
);
  reg [LANES*XB-1:0] greatest;
  reg [TB-1:0]       tap;
  reg                valid;
  wire               last = tap == TAPS - 1;

  assign s_ready = !valid || m_ready;
  assign m_data  = greatest;
  assign m_valid = valid;

  always @(posedge clk)
    if (!resetn) begin
      tap   <= {TB{1'b0}};
      valid <= 1'b0;
    end else if (s_ready) begin
      valid <= s_valid && last;
      if (s_valid)
        tap <= last ? {TB{1'b0}} : tap + 1'b1;
    end

  integer i;
  always @(posedge clk)
    if (s_ready && s_valid)
      for (i = 0; i < LANES; i = i + 1)
        if (tap == 0 || s_data[i*XB +: XB] > greatest[i*XB +: XB])
          greatest[i*XB +: XB] <= s_data[i*XB +: XB];
endmodule

`default_nettype wire
