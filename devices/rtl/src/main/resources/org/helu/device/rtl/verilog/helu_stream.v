// Parts of streams. Every stream carries data with valid and ready: a beat passes at a rising clock
// edge where both are 1; valid stays and data holds until then; valid never waits for ready.

`default_nettype none

// Two registers deep, one beat a clock; ready comes from a register, so no path runs through.
module helu_skid #(
  parameter W = 8
) (
  input  wire         clk,
  input  wire         resetn,
  input  wire [W-1:0] s_data,
  input  wire         s_valid,
  output wire         s_ready,
  output wire [W-1:0] m_data,
  output wire         m_valid,
  input  wire         m_ready
);
  reg [W-1:0] head;
  reg [W-1:0] spare;
  reg         head_valid;
  reg         spare_valid;

  assign s_ready = !spare_valid;
  assign m_data  = head;
  assign m_valid = head_valid;

  always @(posedge clk)
    if (!resetn) begin
      head_valid  <= 1'b0;
      spare_valid <= 1'b0;
    end else if (m_ready || !head_valid) begin
      head_valid  <= spare_valid || s_valid;
      spare_valid <= 1'b0;
    end else if (s_valid)
      spare_valid <= 1'b1;

  always @(posedge clk) begin
    if (m_ready || !head_valid)
      head <= spare_valid ? spare : s_data;
    if (s_ready)
      spare <= s_data;
  end
endmodule

// Joins F beats of W bits into one, the first lowest.
module helu_upsize #(
  parameter W = 8,
  parameter F = 2,
  parameter CW = 1  // bits of a count to F-1
) (
  input  wire           clk,
  input  wire           resetn,
  input  wire [W-1:0]   s_data,
  input  wire           s_valid,
  output wire           s_ready,
  output wire [F*W-1:0] m_data,
  output wire           m_valid,
  input  wire           m_ready
);
  reg [F*W-1:0] word;
  reg [CW-1:0]  count;
  reg           full;
  wire          last = count == F - 1;

  assign s_ready = !full || m_ready;
  assign m_data  = word;
  assign m_valid = full;

  always @(posedge clk)
    if (!resetn) begin
      count <= {CW{1'b0}};
      full  <= 1'b0;
    end else if (s_ready) begin
      full <= s_valid && last;
      if (s_valid)
        count <= last ? {CW{1'b0}} : count + 1'b1;
    end

  always @(posedge clk)
    if (s_ready && s_valid)
      word <= {s_data, word[F*W-1:W]};
endmodule

// Splits a beat into F of W bits, the lowest first.
module helu_downsize #(
  parameter W = 8,
  parameter F = 2,
  parameter CW = 2  // bits of a count to F
) (
  input  wire           clk,
  input  wire           resetn,
  input  wire [F*W-1:0] s_data,
  input  wire           s_valid,
  output wire           s_ready,
  output wire [W-1:0]   m_data,
  output wire           m_valid,
  input  wire           m_ready
);
  reg [F*W-1:0] word;
  reg [CW-1:0]  left;

  assign m_valid = left != 0;
  assign m_data  = word[W-1:0];
  assign s_ready = left == 0 || (left == 1 && m_ready);

  always @(posedge clk)
    if (!resetn)
      left <= {CW{1'b0}};
    else if (s_ready)
      left <= s_valid ? F[CW-1:0] : {CW{1'b0}};
    else if (m_ready)
      left <= left - 1'b1;

  always @(posedge clk)
    if (s_ready)
      word <= s_data;
    else if (m_ready)
      word <= {{W{1'b0}}, word[F*W-1:W]};
endmodule

// The same beats to two streams, each at its own pace.
module helu_fork #(
  parameter W = 8
) (
  input  wire         clk,
  input  wire         resetn,
  input  wire [W-1:0] s_data,
  input  wire         s_valid,
  output wire         s_ready,
  output wire [W-1:0] a_data,
  output wire         a_valid,
  input  wire         a_ready,
  output wire [W-1:0] b_data,
  output wire         b_valid,
  input  wire         b_ready
);
  reg a_done;
  reg b_done;

  assign a_data  = s_data;
  assign b_data  = s_data;
  assign a_valid = s_valid && !a_done;
  assign b_valid = s_valid && !b_done;
  assign s_ready = (a_done || a_ready) && (b_done || b_ready);

  always @(posedge clk)
    if (!resetn || !s_valid || s_ready) begin
      a_done <= 1'b0;
      b_done <= 1'b0;
    end else begin
      a_done <= a_done || a_ready;
      b_done <= b_done || b_ready;
    end
endmodule

// Lets beats into a pipeline that never waits: no more than COUNT are inside of it and of the memory
// behind it, which so has room for all. No stall runs through the pipeline.
module helu_credits #(
  parameter W = 8,
  parameter COUNT = 16,
  parameter CW = 5       // bits of a count to COUNT
) (
  input  wire         clk,
  input  wire         resetn,
  input  wire [W-1:0] s_data,
  input  wire         s_valid,
  output wire         s_ready,
  input  wire         r_valid,  // of the memory's output: where both are 1 a beat leaves
  input  wire         r_ready,
  output reg  [W-1:0] m_data,
  output reg          m_valid
);
  reg [CW-1:0] credits;
  reg          returned;

  assign s_ready = credits != 0;

  always @(posedge clk)
    if (!resetn) begin
      credits  <= COUNT[CW-1:0];
      returned <= 1'b0;
      m_valid  <= 1'b0;
    end else begin
      returned <= r_valid && r_ready;
      m_valid  <= s_valid && s_ready;
      if (returned && !(s_valid && s_ready))
        credits <= credits + 1'b1;
      else if (!returned && s_valid && s_ready)
        credits <= credits - 1'b1;
    end

  always @(posedge clk)
    m_data <= s_data;
endmodule

// A memory of DEPTH beats and one output register.
module helu_fifo #(
  parameter W = 8,
  parameter DEPTH = 16,  // at least 2
  parameter AW = 4,      // bits of an address
  parameter CW = 5,      // bits of a count to DEPTH
  parameter ROOM = 0     // 1: the source sends no beat for which there is no room
) (
  input  wire         clk,
  input  wire         resetn,
  input  wire [W-1:0] s_data,
  input  wire         s_valid,
  output wire         s_ready,
  output wire [W-1:0] m_data,
  output wire         m_valid,
  input  wire         m_ready
);
  reg [W-1:0]  memory [0:DEPTH-1];
  reg [W-1:0]  head;
  reg          head_valid;
  reg [AW-1:0] write_at;
  reg [AW-1:0] read_at;
  reg [CW-1:0] count;
  wire         write = s_valid && s_ready;
  wire         read  = count != 0 && (m_ready || !head_valid);

  assign s_ready = ROOM || count != DEPTH;
  assign m_data  = head;
  assign m_valid = head_valid;

  always @(posedge clk)
    if (!resetn) begin
      write_at   <= {AW{1'b0}};
      read_at    <= {AW{1'b0}};
      count      <= {CW{1'b0}};
      head_valid <= 1'b0;
    end else begin
      if (write)
        write_at <= write_at == DEPTH - 1 ? {AW{1'b0}} : write_at + 1'b1;
      if (read)
        read_at <= read_at == DEPTH - 1 ? {AW{1'b0}} : read_at + 1'b1;
      if (write && !read)
        count <= count + 1'b1;
      else if (read && !write)
        count <= count - 1'b1;
      if (m_ready || !head_valid)
        head_valid <= read;
    end

  always @(posedge clk) begin
    if (write)
      memory[write_at] <= s_data;
    if (read)
      head <= memory[read_at];
  end
endmodule

`default_nettype wire
